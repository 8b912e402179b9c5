"""Brings the database to the newest version. Runs as ``app_owner``; blocking, so never on an event loop."""

import importlib
from pathlib import Path

from alembic.config import Config
from sqlalchemy import MetaData

from alembic import command
from backend.core.db import Base, sqlalchemy_dsn

_ROOT = Path(__file__).resolve().parents[2]
_MODELS = (
    "tenancy.models.organization",
    "tenancy.models.change",
    "tenancy.models.usage",
    "tenancy.models.audit",
    "tenancy.models.access",
    "tenancy.models.mail",
    "tenancy.models.invitations",
    "backend.connectors.models",
    "backend.connectors.webhook_models",
    "backend.playbooks.models",
    "backend.playbooks.trigger_models",
    "backend.runs.models",
    "backend.runs.trigger_models",
    "backend.runs.budget_models",
    "backend.runs.payload_models",
    "backend.proposals.models",
    "backend.proposals.view_models",
    "backend.proposals.notification_models",
)


def metadata() -> MetaData:
    """All tables of the product. The modules are named as texts because core may not import upwards."""
    for name in _MODELS:
        importlib.import_module(name)
    return Base.metadata


def config(owner_dsn: str) -> Config:
    """Alembic's configuration for this address."""
    result = Config(_ROOT / "alembic.ini")
    result.set_main_option("script_location", str(_ROOT / "alembic"))
    result.attributes["url"] = sqlalchemy_dsn(owner_dsn)
    return result


def upgrade(owner_dsn: str) -> None:
    """Run the migrations that are missing; does nothing when there are none."""
    command.upgrade(config(owner_dsn), "head")
