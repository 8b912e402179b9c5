"""One simulator process per module, one account per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from tests.conformance.simulator.process import Api, SimulatorProcess


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    process = SimulatorProcess(tmp_path_factory.mktemp("stripe") / "stripe.db")
    process.start()
    yield process
    assert process.stop() == 0


@pytest.fixture
def own_simulator(tmp_path: Path) -> Iterator[SimulatorProcess]:
    """One that the test may kill."""
    process = SimulatorProcess(tmp_path / "stripe.db")
    process.start()
    yield process
    process.kill()


@pytest.fixture
def api(simulator: SimulatorProcess) -> Iterator[Api]:
    made = Api(simulator, simulator.new_key())
    yield made
    made.close()


@pytest.fixture
def sdk(api: Api) -> stripe.StripeClient:
    """The official SDK on the same account as `api`."""
    return stripe.StripeClient(
        api.key, base_addresses={"api": api.simulator.url}, max_network_retries=0
    )
