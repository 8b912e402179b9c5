"""The adapter as the product opens it, on a fresh account of a running simulator."""

from collections.abc import AsyncIterator, Iterator

import pytest

from backend.connectors.stripe.adapter import StripeAdapter, opener
from backend.core.settings import StripeSettings
from tests.conformance.simulator.process import Api, SimulatorProcess
from tests.conformance.stripe.account import Account


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    process = SimulatorProcess(tmp_path_factory.mktemp("stripe") / "stripe.db")
    process.start()
    yield process
    process.stop()


@pytest.fixture
def account(simulator: SimulatorProcess) -> Iterator[Account]:
    api = Api(simulator, simulator.new_key())
    yield Account(api)
    api.close()


@pytest.fixture
async def stripe(account: Account) -> AsyncIterator[StripeAdapter]:
    async with opener(settings(account.api))(account.api.key.encode()) as adapter:
        assert isinstance(adapter, StripeAdapter)
        yield adapter


@pytest.fixture
async def stranger(simulator: SimulatorProcess, account: Account) -> AsyncIterator[StripeAdapter]:
    """Another account of the same simulator."""
    key = simulator.new_key()
    async with opener(settings(account.api))(key.encode()) as adapter:
        assert isinstance(adapter, StripeAdapter)
        yield adapter


def settings(api: Api) -> StripeSettings:
    return StripeSettings(api.simulator.url, "https://dashboard.example")
