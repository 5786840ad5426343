"""The HTTP service, put together; nothing happens at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from api.compose import App
from api.http import logs, openapi, problems
from api.http.envelope import Envelope
from api.http.routes import (
    feedback,
    funds,
    health,
    introductions,
    sessions,
    shortlists,
    startups,
    suggestions,
)
from api.http.serving import Serving
from api.settings import read_settings

DESCRIPTION = """
Ketnoi introduces startups to the venture funds most likely to say yes. Suggestions are made by a program
(AI); a person decides about every introduction.
"""
THREADS = 4
"""Requests a process works on at a time: with the framework's 40, each costs 1.7 times the processor time."""

ROUTERS = (
    sessions.router,
    suggestions.router,
    startups.router,
    feedback.router,
    shortlists.router,
    funds.router,
    introductions.router,
)


def make_app(app: App) -> FastAPI:
    """Make the service over one installation, whose database is given back when it stops."""

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = THREADS
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
    api.add_middleware(Envelope)
    for router in ROUTERS:
        api.include_router(router, prefix="/v1")
    api.include_router(health.router)
    api.openapi = lambda: openapi.describe(api)  # type: ignore[method-assign]
    return api


def from_environment() -> FastAPI:
    """Make the service that the settings describe: what each worker process runs."""
    logs.set_up()
    return make_app(App(read_settings()))
