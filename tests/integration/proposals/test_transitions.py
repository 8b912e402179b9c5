"""The database itself refuses every transition that is not in the table, whoever writes it."""

import itertools

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from backend.core.db import sqlalchemy_dsn
from backend.embedded.postgres import EmbeddedPostgres
from backend.proposals.models import ProposalTable
from backend.proposals.states import DecisionState, ExecutionState, allowed_pairs
from tenancy.session import tenant
from tests.fixtures.proposals import Proposer

STANDINGS = [f"{d}/{e}" for d, e in itertools.product(DecisionState, ExecutionState)]


async def test_trigger_when_compared_with_the_code_then_holds_the_same_table(
    proposer: Proposer,
) -> None:
    async with tenant(proposer.office.database, proposer.office.context) as session:
        rows = await session.execute(text("SELECT before, after FROM proposal_transition"))
        assert sorted((before, after) for before, after in rows) == allowed_pairs()


async def test_every_step_when_written_past_the_services_then_only_listed_ones_succeed(
    proposer: Proposer, postgres: EmbeddedPostgres
) -> None:
    view = await proposer.propose()
    engine = create_async_engine(sqlalchemy_dsn(postgres.dsn("app_owner")))
    set_state = text("UPDATE proposal SET decision = :d, execution = :e WHERE id = :id")
    allowed, refused = [], []
    async with engine.connect() as connection:
        for before, after in itertools.product(STANDINGS, STANDINGS):
            transaction = await connection.begin()
            await connection.execute(text("ALTER TABLE proposal DISABLE TRIGGER transition"))
            await connection.execute(set_state, _at(before, view.row.id))
            await connection.execute(text("ALTER TABLE proposal ENABLE TRIGGER transition"))
            try:
                await connection.execute(set_state, _at(after, view.row.id))
                allowed.append((before, after))
            except IntegrityError:
                refused.append((before, after))
            await transaction.rollback()
    await engine.dispose()
    steps = [pair for pair in allowed if pair[0] != pair[1]]
    assert sorted(steps) == [pair for pair in allowed_pairs() if pair[0]]
    assert len(refused) == len(STANDINGS) * (len(STANDINGS) - 1) - len(steps)


async def test_status_when_a_browser_could_write_it_then_still_refused(proposer: Proposer) -> None:
    view = await proposer.propose()
    jump = update(ProposalTable).where(ProposalTable.id == view.row.id).values(execution="executed")
    with pytest.raises(IntegrityError, match="a proposal cannot go from pending/none"):
        async with tenant(proposer.office.database, proposer.office.context) as session:
            await session.execute(jump)


def _at(standing: str, proposal_id: object) -> dict[str, object]:
    decision, execution = standing.split("/")
    return {"d": decision, "e": execution, "id": proposal_id}
