"""What may be spent on models: the caps that a playbook's version carries, and those of the organization."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.errors import InvalidInputError
from backend.playbooks.models import BudgetRow
from tenancy.audit import AuditAction
from tenancy.changes import Change, record
from tenancy.context import Principal
from tenancy.permissions import Right, authorize


@dataclass(frozen=True, slots=True)
class Budget:
    """A playbook's caps: tokens, and money in millionths of a US dollar. None is no cap.

    A run is the playbook run with all of its children; a month is one of the calendar in UTC, over all versions.
    """

    run_tokens: int | None = None
    run_micro_usd: int | None = None
    month_tokens: int | None = None
    month_micro_usd: int | None = None


SHIPPED = Budget(run_tokens=2_000_000, month_tokens=20_000_000)
"""Of the playbooks that we ship: some 100 records in a run. In tokens, for not every model has a known price."""


@dataclass(frozen=True, slots=True)
class MonthlyCaps:
    """What the whole organization may spend in a calendar month (UTC)."""

    tokens: int | None = None
    micro_usd: int | None = None


async def monthly_caps(session: AsyncSession) -> MonthlyCaps:
    """The organization's caps; without any, nothing is capped."""
    query = select(BudgetRow.month_tokens, BudgetRow.month_micro_usd)
    row = (await session.execute(query)).one_or_none()
    return MonthlyCaps(*row) if row else MonthlyCaps()


async def set_monthly_caps(session: AsyncSession, principal: Principal, caps: MonthlyCaps) -> None:
    """Replace the organization's caps; calls that are under way go on. Needs ``billing:update``."""
    authorize(principal, Right.BILLING_UPDATE)
    for name, cap in (("tokens", caps.tokens), ("microUsd", caps.micro_usd)):
        if cap is not None and cap < 0:
            raise InvalidInputError(f"{name} must be 0 or more, or null for no cap", field=name)
    before = await monthly_caps(session)
    values = {"month_tokens": caps.tokens, "month_micro_usd": caps.micro_usd}
    await session.execute(
        insert(BudgetRow)
        .values(org_id=principal.org_id, **values)
        .on_conflict_do_update(index_elements=["org_id"], set_={**values, "updated_at": func.now()})
    )
    details = {
        "tokens": [before.tokens, caps.tokens],
        "microUsd": [before.micro_usd, caps.micro_usd],
    }
    change = Change(principal.org_id, audit=AuditAction.BUDGET_CHANGED, details=details)
    record(session, change)
