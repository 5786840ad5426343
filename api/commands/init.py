"""`ketnoi init`."""

from api.commands.output import console, opened, print_json, progress
from data.database import HEAD, migrate
from models import bundled
from models.encoder import BUNDLED


def run(as_json: bool) -> None:
    """Create or upgrade the database, and convert the bundled embedding model where it is installed."""
    with opened() as app:
        migrate(app.database)
        shown = app.database.url.render_as_string(hide_password=True)
        wanted = app.settings.embedding_model == BUNDLED and bundled.installed()
        if wanted:
            with progress("Preparing the embedding model") as report:
                bundled.ensure(app.settings.cache_dir, report)
    if as_json:
        print_json({"database": shown, "schema": HEAD, "embedding_model_ready": wanted})
    else:
        console().print(f"Database ready: {shown}", markup=False, soft_wrap=True)
