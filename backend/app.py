"""Composition root of the API: what one process holds, and every handler in one list."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from granian.utils.proxies import wrap_asgi_with_proxy_headers
from litestar import Litestar, Response, Router
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp

from backend.api import (
    activity,
    analytics,
    audit,
    audit_export,
    audit_proofs,
    branding,
    docs_page,
    events,
    export,
    health,
    joining,
    matrix,
    me,
    organizations,
    passwords,
    problems,
    status,
    usage,
)
from backend.api.api_keys import ApiKeyController
from backend.api.auth import TokenController
from backend.api.budgets import BudgetController
from backend.api.bulk import BulkController
from backend.api.checks import Board
from backend.api.contract import Contract
from backend.api.denials import keep_denial
from backend.api.deps import ApiRequest, Services
from backend.api.directory import MemberController, TeamController, leave
from backend.api.guards import admit, public
from backend.api.headers import cross_origin, secure
from backend.api.hub import Hub
from backend.api.invitations import InvitationController
from backend.api.limiting import RateLimit, tell_standing
from backend.api.middleware import Authentication, Methods, RequestContext
from backend.api.model_keys import ModelKeyController
from backend.api.notifications import NotificationController
from backend.api.passwords import PasswordFormController, PasswordResetController
from backend.api.playbooks import PlaybookController
from backend.api.presenting.proposals import ProposalPresenter
from backend.api.profile import ProfileController
from backend.api.proposals import ProposalController
from backend.api.representation import Representation
from backend.api.roles import RoleController
from backend.api.runs import RunController
from backend.api.security_forms import SecurityFormController
from backend.api.stopping import when_stopping
from backend.api.totp import TotpController
from backend.api.tracing import Tracing
from backend.api.triggers import TriggerController
from backend.api.views import ViewController
from backend.api.web_auth import WebAuthController
from backend.api.webhooks import ConnectionController, deliver
from backend.connectors.installed import install
from backend.core import db, heap, logging, settings, telemetry
from backend.core.settings import Settings
from tenancy.calls import CallCounter
from tenancy.limiter import RateLimiter
from tenancy.ratelimit import RateClass
from tenancy.refusals import Refusals
from workflows.client import Workflows

_MAX_BODY = 1_000_000


def app() -> ASGIApp:
    """The API as the environment describes it: ``granian --interface asgi --factory backend.app:app``."""
    logging.configure()
    configured = settings.load()
    telemetry.start("api", configured.otlp_endpoint)
    served = behind_proxies(create_app(configured), configured)
    heap.settle()
    return served


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
                    PasswordResetController,
                    me.me,
                    ProfileController,
                    MemberController,
                    TeamController,
                    leave,
                    joining.offer,
                    InvitationController,
                    organizations.show,
                    organizations.rename,
                    organizations.outbox,
                    RoleController,
                    passwords.change,
                    TotpController,
                    ApiKeyController,
                    PlaybookController,
                    TriggerController,
                    ConnectionController,
                    BudgetController,
                    ModelKeyController,
                    RunController,
                    ProposalController,
                    BulkController,
                    ViewController,
                    export.export,
                    matrix.inbox_counts,
                    NotificationController,
                    analytics.show,
                    audit.index,
                    audit.acts,
                    audit_export.export,
                    audit_proofs.checkpoints,
                    audit_proofs.consistency,
                    audit_proofs.inclusion,
                    status.show,
                    usage.show,
                    activity.show,
                    events.events,
                ],
            ),
            WebAuthController,
            PasswordFormController,
            joining.JoiningController,
            SecurityFormController,
            deliver,
            branding.stylesheet,
            health.live,
            health.ready,
        ],
        middleware=[
            RequestContext(),
            *_tracing(configured),
            Authentication(),
            RateLimit(),
            Methods(),
        ],
        before_send=[tell_standing, secure],
        after_exception=[keep_denial],
        cors_config=cross_origin(configured.web.cors_origins),
        guards=[admit],
        exception_handlers=problems.handlers(),
        request_class=ApiRequest,
        response_class=Representation,
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
    workflows, hub = Workflows(configured), Hub(database, configured.database.app)
    return Services(
        settings=configured,
        database=database,
        connectors=connectors,
        workflows=workflows,
        limiter=RateLimiter(configured.rate_limit_storage),
        calls=CallCounter(database),
        refusals=Refusals(),
        hub=hub,
        presenter=ProposalPresenter(connectors, dashboards),
        board=Board(database, workflows, hub),
    )


@asynccontextmanager
async def _running(application: Litestar) -> AsyncIterator[None]:
    services: Services = application.state.services
    try:
        await db.refuse_strong_roles(services.database)
        services.hub.start()
        services.calls.start()
        with when_stopping(services.hub.end_streams):
            yield
    finally:
        await services.hub.stop()
        await services.calls.stop()
        await services.limiter.close()
        await services.workflows.close()
        await services.database.close()
        await asyncio.to_thread(telemetry.stop)


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Countersign",
        version="1",
        use_handler_docstrings=True,
        render_plugins=[Contract()],
        openapi_router=Router(
            "/schema",
            route_handlers=[docs_page.page, docs_page.part],
            include_in_schema=False,
            opt=public(RateClass.API),
            after_request=_no_foreign_page,
        ),
    )


async def _no_foreign_page(response: Response[Any]) -> Response[Any]:
    """What is not there is a problem document here too, and no page of Litestar's."""
    if response.status_code == HTTPStatus.NOT_FOUND:
        raise NotFoundException
    return response
