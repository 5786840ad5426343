"""Imports: files of the import contract, each taken whole or refused with the reason of every bad row."""

from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.http.identity import Asker, may
from api.http.permissions import Action
from api.http.problems import Broken, Problem, ProblemType
from api.http.uploads import BODY, Uploads, save
from data.faults import ImportReport
from data.importer import import_folder

router = APIRouter(prefix="/imports", tags=["imports"])
SHOWN_FAULTS = 20
DryRun = Annotated[bool, Query(description="Check everything, write nothing.")]


class FaultShown(BaseModel):
    """A broken rule; `line` 0 stands for the whole file, and `rule` finishes "must ..."."""

    file: str
    line: int
    column: str
    value: str
    rule: str


class NotUnderstood(BaseModel):
    """A word that the taxonomy does not know; it is kept, and counts as unknown."""

    column: str
    value: str
    times: int


class FileShown(BaseModel):
    """What became of a file."""

    file: str
    ok: bool
    rows: int
    added: int
    changed: int
    unchanged: int
    faults: list[FaultShown]
    unknown_columns: list[str]
    not_understood: list[NotUnderstood]


class ImportShown(BaseModel):
    """What became of an import, as `ketnoi import --json` tells it."""

    ok: bool
    files: list[FileShown]
    not_read: list[str]
    dry_run: bool


@router.post("", response_model=ImportShown, openapi_extra={"requestBody": BODY})
def import_files(
    asker: Annotated[Asker, may(Action.IMPORT_RECORDS)], uploads: Uploads, dry_run: DryRun = False
) -> object:
    """Import files; where one is refused the others are loaded, and the answer is 422 with the `report`.

    New texts are embedded behind the answer, and the records are served as soon as that is done.
    """
    with TemporaryDirectory(prefix="ketnoi-") as name:
        folder = Path(name)
        save(uploads, folder)
        report = import_folder(asker.app.database, folder, asker.now, actor=asker.account_id, dry_run=dry_run)
    if not report.ok:
        raise _refused(report)
    return report.as_dict()


def _refused(report: ImportReport) -> Problem:
    """Say which files were refused, and the first faults; the report has them all."""
    bad = [file for file in report.files if not file.ok]
    told = ", ".join(f"{file.file} (faults: {len(file.faults)})" for file in bad)
    rest = "nothing was written" if report.dry_run else "what else was sent is loaded"
    faults = [fault for file in bad for fault in file.faults][:SHOWN_FAULTS]
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        ProblemType.INVALID,
        f"Refused: {told}; {rest}.",
        [Broken(fault.place, fault.rule, fault.told_value) for fault in faults],
        more={"report": report.as_dict()},
    )
