"""The commands of docs/operations.md, run as they stand against a real server."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from data import dialects
from tests.databases import PostgresqlDatabases
from tests.e2e.servers import KETNOI, free_port

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
VIETNAM = ROOT / "data" / "vietnam"


@pytest.fixture
def environment(
    tmp_path: Path, postgresql_databases: PostgresqlDatabases, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The variables of a machine with the tools of PostgreSQL and Ketnoi, which knows its server."""
    program = tmp_path / "bin" / "ketnoi"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(KETNOI)} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    host = make_url(postgresql_databases.new()).query["host"]
    kept = {name: told for name, told in os.environ.items() if not name.startswith(("KETNOI_", "PG"))}
    return {
        **kept,
        "PATH": ":".join(map(str, (program.parent, postgresql_databases.tools, os.environ["PATH"]))),
        "PGHOST": str(host),
        "KETNOI_HOME": str(tmp_path / "home"),
        "KETNOI_EMBEDDING_MODEL": "none",
        "KETNOI_LANGUAGE": "en",
    }


@pytest.mark.acceptance
@pytest.mark.enable_socket
def test_every_command_does_what_the_page_says(tmp_path: Path, environment: dict[str, str]) -> None:
    filled = COMMANDS.copy()
    filled[1] += f"ketnoi import {VIETNAM}\n"
    filled.insert(-1, f"ketnoi import {VIETNAM}\n")
    filled[-1] += "KETNOI_DATABASE_URL=postgresql+psycopg:///ketnoi ketnoi export moved\n"
    script = "trap 'kill $(jobs -p)' EXIT\n" + "".join(filled).replace("8000", str(free_port()))
    done = subprocess.run(
        ("bash", "-euo", "pipefail"),
        input=script,
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (told,) = done.stderr.splitlines()
    assert "shown this once" in told
    assert '"status":"ok"' in done.stdout and "revoked" in done.stdout
    restored = next(line for line in done.stdout.splitlines() if "/restored" in line)
    assert "227 startups, 397 funds, 580 investments" in restored
    assert (tmp_path / "ketnoi.backup").stat().st_mode & 0o077 == 0
    for file in (tmp_path / "moving").iterdir():
        assert file.read_bytes() == (tmp_path / "moved" / file.name).read_bytes()


def test_every_limit_and_reason_is_on_the_page() -> None:
    assert all(f"`{reason.split(';')[0]}`" in PAGE for reason in dialects.REASONS.values())
    assert f"| {dialects.BUSY_TIMEOUT_MS // 1_000} s |" in PAGE
    assert f"| {dialects.STATEMENT_TIMEOUT_MS // 60_000} min |" in PAGE
    assert f"| {dialects.CONNECT_TIMEOUT_S} s |" in PAGE
    size, more, age = (dialects.POOL[name] for name in ("pool_size", "max_overflow", "pool_recycle"))
    assert f"| {size}, at most {size + more}, each replaced after {age // 60} min |" in PAGE
