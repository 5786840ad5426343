"""The HTTP service, put together; nothing happens at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import CapacityLimiter
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from api.compose import App
from api.http import logs, metrics, openapi, problems
from api.http.envelope import Envelope
from api.http.places import THREADS, Admission, all_places
from api.http.routes import (
    feedback,
    funds,
    health,
    imports,
    introductions,
    jobs,
    links,
    releases,
    replies,
    sessions,
    shortlists,
    startups,
    suggestions,
)
from api.http.serving import Serving
from api.settings import read_settings
from data.dialects import Patience

DESCRIPTION = """
Ketnoi introduces startups to the venture funds most likely to say yes. Suggestions are made by a program
(AI); a person decides about every introduction.
"""
PATIENCE = Patience(lock_ms=5_000, statement_ms=60_000, connect_s=5)
"""A thread that answers waits no longer than whoever asked."""

ROUTERS = (
    sessions.router,
    suggestions.router,
    startups.router,
    feedback.router,
    shortlists.router,
    funds.router,
    introductions.router,
    imports.router,
    releases.router,
    jobs.router,
    links.router,
    replies.router,
)


def make_app(app: App) -> FastAPI:
    """Make the service over one installation, whose database is given back when it stops."""

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = THREADS
        api.state.aside, api.state.places = CapacityLimiter(1), all_places()
        metrics.forget_ended_workers()
        with Serving(api.state.app) as serving:
            api.state.serving = serving
            yield
        api.state.app.close()

    api = FastAPI(
        title="Ketnoi",
        version="1",
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    api.state.app = app
    problems.install(api)
    api.add_middleware(Admission)
    api.add_middleware(Envelope)
    for router in ROUTERS:
        api.include_router(router, prefix="/v1")
    api.include_router(health.router)
    api.openapi = lambda: openapi.describe(api)  # type: ignore[method-assign]
    return api


def from_environment() -> FastAPI:
    """Make the service that the settings describe: what each worker process runs."""
    logs.set_up()
    return make_app(App(read_settings(), PATIENCE, aside=True))
