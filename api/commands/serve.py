"""`ketnoi serve`."""

from api.commands.output import console, opened
from data.database import require_schema

SHUTDOWN_SECONDS = 30
"""How long requests that are being answered may take when the service is told to stop."""


def run(host: str, port: int, workers: int) -> None:
    """Serve until told to stop; what would keep it from answering is said before it begins."""
    with opened() as app:
        require_schema(app.database)
        assert app.settings.secret
    import uvicorn

    console(stderr=True).print(f"Serving on http://{host}:{port}/v1", markup=False, soft_wrap=True)
    uvicorn.run(
        "api.http.app:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
