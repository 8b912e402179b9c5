"""What the organization may spend on models, and what it has spent this month."""

from litestar import Controller, get, put
from litestar.params import JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from backend.api import idempotency
from backend.api.deps import ApiRequest
from backend.api.guards import needs
from backend.api.idempotency import Kept
from backend.api.presenting.budgets import budget
from backend.playbooks.budget import MonthlyCaps, set_monthly_caps
from backend.runs.budget_reading import this_month
from backend.schemas.budgets import Budget, BudgetCaps
from tenancy.permissions import Right
from tenancy.replies import Reply
from tenancy.session import tenant


class BudgetController(Controller):
    """``/api/v1/budget``."""

    path = "/budget"

    @get(opt=needs(Right.BILLING_READ))
    async def show(self, request: ApiRequest) -> Budget:
        """Caps and use of the present month, of the organization and of each playbook."""
        principal = request.principal
        async with tenant(request.services.database, principal.tenant) as session:
            return budget(await this_month(session, principal))

    @put(opt=needs(Right.BILLING_UPDATE))
    async def replace(self, request: ApiRequest, data: JSONBody[BudgetCaps]) -> Kept[Budget]:
        """Set the organization's caps. Those of a playbook belong to its version."""
        principal = request.principal

        async def act(session: AsyncSession) -> Reply:
            await set_monthly_caps(session, principal, MonthlyCaps(data.tokens, data.micro_usd))
            return idempotency.reply(200, budget(await this_month(session, principal)))

        return await idempotency.kept(request, act)
