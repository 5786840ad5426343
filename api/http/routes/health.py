"""Whether the process lives, and whether it can answer."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.compose import App
from api.http.serving import Serving
from data.database import HEAD, schema_of
from data.versions import version
from matching.errors import NotReady

router = APIRouter(tags=["health"])


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
def healthz() -> object:
    """Tell that the process lives."""
    return Alive()


@router.get("/readyz", response_model=Ready)
def readyz(request: Request) -> object:
    """Tell that the database is there and its newest records could be taken into service."""
    app: App = request.app.state.app
    serving: Serving = request.app.state.serving
    if schema_of(app.database) != HEAD or serving.failure:
        raise NotReady(serving.failure)
    current = version(app.database) == serving.picture.stamp.version
    return Ready(current=current, exposures_dropped=serving.exposures.dropped)
