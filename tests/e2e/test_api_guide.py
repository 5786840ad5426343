"""The examples of docs/api-guide.md, run as they stand against a real server."""

import io
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any

import pytest

from api.compose import App
from api.settings import Settings
from data.accounts import add_account
from data.credentials import add_key
from data.database import migrate
from data.importer import import_folder
from matching.roles import Role, Scope
from tests.api.http.matrix import DOCS
from tests.api.installation import ROOT, VIETNAM
from tests.e2e.servers import KETNOI, environment, free_port, now, serving_here

PAGE = (ROOT / "docs" / "api-guide.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = f'ketnoi() {{ {shlex.join(KETNOI)} "$@"; }}'
PREPARED = """
ketnoi() {
    case "$1 ${2:-}" in
        "key add") echo "$MADE_KEY" ;;
        "serve --port") exec sleep 600 ;;
    esac
}
"""
"""What stands for the command line where the installation, the key and the server are there already."""
DONE, FAILED = "-- done --", "-- failed --"


class Shell:
    """A bash that runs one block after another, and stops at the first that fails."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self(f"trap \"echo; echo '{FAILED}'\" EXIT")

    def __call__(self, block: str) -> str:
        """Run a block; return what it printed."""
        told = self._process
        assert told.stdin and told.stdout
        told.stdin.write(f"{block}\necho; echo '{DONE}'\n")
        told.stdin.flush()
        lines: list[str] = []
        for line in told.stdout:
            if line.rstrip() == DONE:
                return "".join(lines)
            if line.rstrip() == FAILED:
                break
            lines.append(line)
        raise AssertionError(f"this block failed:\n{block}\n{''.join(lines)}")


@contextmanager
def shell(folder: Path, told: Mapping[str, str]) -> Iterator[Shell]:
    """Start a bash in a folder that looks like that of the project."""
    for name in ("data", "docs"):
        (folder / name).symlink_to(ROOT / name)
    process = subprocess.Popen(
        ("bash", "-euo", "pipefail"),
        cwd=folder,
        env={**environment(""), **told},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        yield Shell(process)
    finally:
        if process.stdin:
            process.stdin.close()
        if process.stdout:
            process.stdout.close()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def run(shell: Shell, monkeypatch: pytest.MonkeyPatch, port: int) -> list[str]:
    """Run the page; return what its blocks printed."""
    names: dict[str, Any] = {}
    printed = []
    for language, block in BLOCKS:
        if language == "sh":
            printed.append(shell(block.replace("8000", str(port))))
            continue
        for name in ("SERVICE", "KEY"):
            monkeypatch.setenv(name, shell(f"echo ${name}").strip())
        with redirect_stdout(io.StringIO()) as said:
            exec(compile(block, "docs/api-guide.md", "exec"), names)
        printed.append(said.getvalue())
    return printed


def check(printed: list[str]) -> None:
    """Hold what was printed against what the page says of it."""
    text = "\n".join(printed)
    assert '"role":"manager"' in text and "●" not in text
    assert "Touchstone Partners" in text and '"status":"investor_ok"' in text


@pytest.mark.enable_socket
def test_the_examples_of_the_page_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = App(Settings(home=tmp_path / "home", database_url="", embedding_model="none"))
    migrate(app.database)
    for folder in (VIETNAM, ROOT / "docs" / "examples" / "new-program"):
        assert import_folder(app.database, folder, now()).ok
    told: dict[str, Any] = {"role": Role.MANAGER, "email": "lan@example.vn", "name": "Lan"}
    account = add_account(app.database, **told, programs=["spring"], actor="test", at=now())
    _, key = add_key(app.database, account.account_id, list(Scope), 90, actor="test", at=now())
    with serving_here(app) as port, shell(tmp_path, {"MADE_KEY": key}) as bash:
        bash(PREPARED)
        check(run(bash, monkeypatch, port))


@pytest.mark.acceptance
@pytest.mark.enable_socket
def test_the_whole_page_works_from_an_empty_installation_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shell(tmp_path, {}) as bash:
        bash(COMMANDS)
        check(run(bash, monkeypatch, free_port()))


def test_the_page_needs_nothing_but_curl_and_the_standard_library() -> None:
    assert {language for language, _ in BLOCKS} == {"sh", "python"}
    imported = re.findall(r"^(?:import|from) (\w+)", "\n".join(block for _, block in BLOCKS), re.MULTILINE)
    assert imported and set(imported) <= sys.stdlib_module_names
    assert "api-guide.md" in DOCS
