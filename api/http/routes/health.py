"""Whether the process lives, and whether it can answer."""

from typing import Annotated, Literal

from anyio import move_on_after
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from api.compose import App
from api.http.identity import Asker, may
from api.http.permissions import Action
from api.http.serving import Serving
from data.database import HEAD, schema_of
from data.versions import version
from matching.errors import NotReady

router = APIRouter(tags=["health"])
LOOK_SECONDS = 2.0
"""How long a look at the database may take before the process counts as not ready."""


class Alive(BaseModel):
    """The process lives."""

    status: Literal["ok"] = "ok"


class Ready(Alive):
    """The process can answer.

    Attributes
    ----------
    current : whether the newest records are those served; it takes a moment after a change.
    exposures_dropped : rows that the exposure log lost since the start.
    """

    current: bool
    exposures_dropped: int


@router.get("/healthz", response_model=Alive)
async def healthz() -> object:
    """Tell that the process lives."""
    return Alive()


@router.get("/readyz", response_model=Ready)
async def readyz(request: Request) -> object:
    """Tell that the database is there and its newest records could be taken into service."""
    app: App = request.app.state.app
    serving: Serving = request.app.state.serving
    with move_on_after(LOOK_SECONDS) as late:
        found, newest = await run_sync(_look, app, limiter=request.app.state.aside, abandon_on_cancel=True)
    if late.cancelled_caught or found != HEAD or serving.failure:
        raise NotReady(serving.failure)
    current = newest == serving.picture.stamp.version
    return Ready(current=current, exposures_dropped=serving.exposures.dropped)


@router.get("/metrics", response_class=PlainTextResponse)
async def read_metrics(asker: Annotated[Asker, may(Action.READ_METRICS, aside=True)]) -> Response:
    """Tell the figures of this service, or of all workers together, as Prometheus reads them."""
    asker.serving.sample()
    return Response(asker.serving.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _look(app: App) -> tuple[str | None, int]:
    """Return the schema and the number of the newest change."""
    return schema_of(app.database), version(app.database)
