"""Composition root of the API: what one process holds, and every handler in one list."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from granian.utils.proxies import wrap_asgi_with_proxy_headers
from litestar import Litestar, Router
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ASGIApp

from backend.api import branding, events, health, me, problems
from backend.api.auth import TokenController
from backend.api.budgets import BudgetController
from backend.api.deps import ApiRequest, Services
from backend.api.guards import admit, public
from backend.api.hub import Hub
from backend.api.middleware import Authentication, RateLimit, RequestContext
from backend.api.model_keys import ModelKeyController
from backend.api.playbooks import PlaybookController
from backend.api.presenting.proposals import ProposalPresenter
from backend.api.proposals import ProposalController
from backend.api.runs import RunController
from backend.api.stopping import when_stopping
from backend.api.tracing import Tracing
from backend.api.triggers import TriggerController
from backend.api.web_auth import WebAuthController
from backend.api.webhooks import ConnectionController, deliver
from backend.connectors.installed import install
from backend.core import db, logging, settings, telemetry
from backend.core.settings import Settings
from tenancy.ratelimit import RateClass, RateLimiter
from workflows.client import Workflows

_MAX_BODY = 1_000_000


def app() -> ASGIApp:
    """The API as the environment describes it: ``granian --interface asgi --factory backend.app:app``."""
    logging.configure()
    configured = settings.load()
    telemetry.start("api", configured.otlp_endpoint)
    return behind_proxies(create_app(configured), configured)


def behind_proxies(application: ASGIApp, configured: Settings) -> ASGIApp:
    """Take the client's address from trusted proxies, so that limits count people and not the proxy."""
    trusted = list(configured.web.trusted_proxies)
    wrapped: ASGIApp = wrap_asgi_with_proxy_headers(application, trusted)
    return wrapped


def create_app(configured: Settings) -> Litestar:
    """The API. Opens no connection before its lifespan begins; refuses database roles that are too strong."""
    application = Litestar(
        route_handlers=[
            Router(
                "/api/v1",
                route_handlers=[
                    TokenController,
                    me.me,
                    PlaybookController,
                    TriggerController,
                    ConnectionController,
                    BudgetController,
                    ModelKeyController,
                    RunController,
                    ProposalController,
                    events.events,
                ],
            ),
            WebAuthController,
            deliver,
            branding.stylesheet,
            health.live,
            health.ready,
        ],
        middleware=[RequestContext(), *_tracing(configured), Authentication(), RateLimit()],
        guards=[admit],
        exception_handlers=problems.handlers(),
        request_class=ApiRequest,
        request_max_body_size=_MAX_BODY,
        openapi_config=_openapi(),
        lifespan=[_running],
        logging_config=None,
    )
    application.state.services = _services(configured)
    return application


def _tracing(configured: Settings) -> list[Tracing]:
    return [] if configured.otlp_endpoint is None else [Tracing()]


def _services(configured: Settings) -> Services:
    database, connectors = db.connect(configured.database), install(configured)
    dashboards = {"stripe": configured.stripe.dashboard_url}
    return Services(
        settings=configured,
        database=database,
        connectors=connectors,
        workflows=Workflows(configured),
        limiter=RateLimiter(configured.rate_limit_storage),
        hub=Hub(database, configured.database.app),
        presenter=ProposalPresenter(connectors, dashboards),
    )


@asynccontextmanager
async def _running(application: Litestar) -> AsyncIterator[None]:
    services: Services = application.state.services
    try:
        await db.refuse_strong_roles(services.database)
        services.hub.start()
        with when_stopping(services.hub.end_streams):
            yield
    finally:
        await services.hub.stop()
        await services.workflows.close()
        await services.database.close()
        await asyncio.to_thread(telemetry.stop)


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Countersign",
        version="1",
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin(path="/")],
        openapi_router=Router(
            "/schema", route_handlers=[], include_in_schema=False, opt=public(RateClass.API)
        ),
    )
