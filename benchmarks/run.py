"""Run every benchmark, after a line about the machine: figures without one mean nothing."""

import platform
import sys

import psutil

from benchmarks import (
    cold_start,
    hidden_deals,
    http_service,
    import_speed,
    methods,
    synthetic_market,
    training,
)


def main() -> None:
    """Print all tables."""
    memory = psutil.virtual_memory().total / 2**30
    python = sys.version.split()[0]
    print(f"{psutil.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, Python {python}")
    for benchmark in (
        cold_start,
        hidden_deals,
        http_service,
        import_speed,
        methods,
        synthetic_market,
        training,
    ):
        print(f"\n{benchmark.__name__}: {(benchmark.__doc__ or '').splitlines()[0]}")
        benchmark.main()


if __name__ == "__main__":
    main()
