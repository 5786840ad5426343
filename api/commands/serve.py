"""`ketnoi serve`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from api.commands.output import console, opened
from data.database import require_schema

SHARED = "PROMETHEUS_MULTIPROC_DIR"
SHUTDOWN_SECONDS = 30
"""How long requests that are being answered may take when the service is told to stop."""


def run(host: str, port: int, workers: int) -> None:
    """Serve until told to stop; what would keep it from answering is said before it begins."""
    with opened() as app:
        require_schema(app.database)
        assert app.settings.secret
        trusted = app.settings.trusted_proxies
    import uvicorn

    console(stderr=True).print(f"Serving on http://{host}:{port}/v1", markup=False, soft_wrap=True)
    with figures_together(workers):
        uvicorn.run(
            "api.http.app:from_environment", host=host, port=port, workers=workers, **options(trusted)
        )


def options(trusted_proxies: str) -> dict[str, Any]:
    """Return what uvicorn shall know beside where it listens; X-Forwarded-For is believed of nobody else."""
    return {
        "factory": True,
        "access_log": False,
        "log_level": "warning",
        "server_header": False,
        "proxy_headers": bool(trusted_proxies),
        "forwarded_allow_ips": trusted_proxies,
        "timeout_graceful_shutdown": SHUTDOWN_SECONDS,
    }


@contextmanager
def figures_together(workers: int) -> Iterator[None]:
    """Let several workers add up their figures in a folder, which is theirs alone and gone afterwards."""
    if workers == 1:
        yield
        return
    with TemporaryDirectory(prefix="ketnoi-metrics-") as folder:
        os.environ[SHARED] = folder
        yield
