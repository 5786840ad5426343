"""`ketnoi init`."""

from api.commands.output import console, opened, print_json, progress
from data.database import HEAD, migrate
from data.dialects import shown
from models import bundled
from models.encoder import BUNDLED


def run(as_json: bool) -> None:
    """Create or upgrade the database, and convert the bundled embedding model where it is installed."""
    with opened() as app:
        migrate(app.database)
        address = shown(app.database)
        wanted = app.settings.embedding_model == BUNDLED and bundled.installed()
        if wanted:
            with progress("Preparing the embedding model") as report:
                bundled.ensure(app.settings.cache_dir, report)
    if as_json:
        print_json({"database": address, "schema": HEAD, "embedding_model_ready": wanted})
    else:
        console().print(f"Database ready: {address}", markup=False, soft_wrap=True)
