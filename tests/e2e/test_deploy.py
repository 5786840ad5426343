"""The unit and the container file of deploy/, as far as they can be held without their programs' rights."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.commands.serve import SHUTDOWN_SECONDS
from api.settings import PREFIX, Settings
from tests.api.installation import ROOT
from tests.databases import SqliteDatabases
from tests.e2e.servers import serving

UNIT = (ROOT / "deploy" / "ketnoi@.service").read_text(encoding="utf-8")
CONTAINER = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8").replace("\\\n", "")
STEPS = [line.split(maxsplit=1) for line in CONTAINER.splitlines() if line and line[0] not in "# "]
PROGRAM = "/opt/ketnoi"


def steps(word: str) -> list[str]:
    return [told for name, told in STEPS if name == word]


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze") or pytest.skip("needs systemd-analyze (Debian: systemd)")
    unit = tmp_path / "ketnoi@8000.service"
    unit.write_text(UNIT.replace(f"{PROGRAM}/bin/ketnoi", sys.executable), encoding="utf-8")
    for command in (("verify", unit), ("security", "--offline=true", "--threshold=20", unit)):
        done = subprocess.run((program, *command), capture_output=True, encoding="utf-8", check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_gives_requests_the_time_to_finish() -> None:
    (seconds,) = map(int, re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE))
    assert seconds > SHUTDOWN_SECONDS


def test_nothing_is_set_that_is_no_setting_and_no_secret_is_in_the_image() -> None:
    names = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    told = set(re.findall(rf"{PREFIX}\w+", UNIT + "".join(steps("ENV"))))
    assert told and told <= names
    assert not re.search("SECRET|PASSWORD|TOKEN", CONTAINER.partition("\nFROM")[2])


def test_the_image_is_made_of_what_is_there_and_runs_as_nobody_special() -> None:
    copied = [path for told in steps("COPY") if "--from" not in told for path in told.split()[:-1]]
    assert copied and all((ROOT / path).exists() for path in copied)
    assert steps("USER") == ["10001"] and "--uid 10001 " in CONTAINER
    assert "EXPOSE" in CONTAINER and "/readyz" in "".join(steps("HEALTHCHECK"))


@pytest.mark.acceptance
@pytest.mark.packaging
@pytest.mark.enable_socket
def test_the_steps_of_the_image_make_a_program_that_serves(
    tmp_path: Path, sqlite_databases: SqliteDatabases
) -> None:
    source, installed = tmp_path / "src", tmp_path / "ketnoi"
    source.mkdir()
    for path in [path for told in steps("COPY") if "--from" not in told for path in told.split()[:-1]]:
        copy = shutil.copytree if (ROOT / path).is_dir() else shutil.copy
        copy(ROOT / path, source / path)
    script = next(told for told in steps("RUN") if PROGRAM in told).replace(PROGRAM, str(installed))
    kept = {name: told for name, told in os.environ.items() if not name.startswith((PREFIX, "PYTHON"))}
    environment = {**kept, "EXTRAS": "postgres"}
    subprocess.run(("bash", "-euc", script), cwd=source, env=environment, check=True, capture_output=True)
    url = sqlite_databases.new()
    sqlite_databases.create_migrated(url)
    program = installed / "bin" / "ketnoi"
    _, bracket, rest = steps("HEALTHCHECK")[0].partition("[")
    with serving(url, tmp_path / "log", program=[program]) as server:
        _, *check = json.loads((bracket + rest).replace("8000", str(server.port)))
        healthy = [installed / "bin" / "python", *check]
        assert subprocess.run(healthy, check=False).returncode == 0
        server.kill()
        assert subprocess.run(healthy, capture_output=True, check=False).returncode != 0
