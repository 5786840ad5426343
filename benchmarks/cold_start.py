"""Whole processes of the command line over data/vietnam, cold, beside an empty Python process.

python -m benchmarks.cold_start
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

RUNS = 5
KETNOI = (sys.executable, "-m", "api.cli")
VIETNAM = Path(__file__).parent.parent / "data" / "vietnam"


def seconds(command: Sequence[str], environment: dict[str, str]) -> list[float]:
    """Time RUNS processes of a command after one that warms the disk cache."""
    found = []
    for _ in range(RUNS + 1):
        begun = time.perf_counter()
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        found.append(time.perf_counter() - begun)
    return sorted(found[1:])


def main() -> None:
    """Print the table."""
    commands = {
        "python -c pass": (sys.executable, "-c", "pass"),
        "ketnoi --help": (*KETNOI, "--help"),
        "ketnoi shortlist dat-bike": (*KETNOI, "shortlist", "dat-bike"),
        "ketnoi why dat-bike nextrans": (*KETNOI, "why", "dat-bike", "nextrans"),
    }
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "KETNOI_HOME": home}
        subprocess.run((*KETNOI, "import", VIETNAM), env=environment, check=True, stdout=subprocess.DEVNULL)
        print(f"{'whole process':<32}{'median s':>10}{'min':>8}{'max':>8}{'x python':>10}")
        bare = 0.0
        for name, command in commands.items():
            times = seconds(command, environment)
            median = statistics.median(times)
            bare = bare or median
            print(f"{name:<32}{median:>10.3f}{times[0]:>8.3f}{times[-1]:>8.3f}{median / bare:>10.1f}")


if __name__ == "__main__":
    main()
