"""`ketnoi export`."""

from pathlib import Path

from api.commands.output import console, opened, print_json, progress
from data.database import require_schema
from data.exporter import export_folder
from data.formats.files import Format


def run(folder: Path, ending: str, *, force: bool, as_json: bool) -> None:
    """Write every record into `folder` and say how many rows each file has."""
    with opened() as app:
        require_schema(app.database)
        with progress("Exporting") as bar:
            written = export_folder(app.database, folder, Format(ending), force=force, progress=bar)
    if as_json:
        files = [{"file": file, "rows": rows} for file, rows in written.items()]
        print_json({"folder": str(folder), "files": files})
        return
    screen = console()
    for file, rows in written.items():
        screen.print(f"{file}: {rows:,} row{'' if rows == 1 else 's'}", markup=False, soft_wrap=True)
    screen.print("Earlier versions of startups and funds are not in these files.", soft_wrap=True)
