"""One running product for all drills: started by the command that a newcomer uses, ended after the last one."""

from collections.abc import Iterator

import pytest

from tests.chaos.victims import Victims
from tests.stack import Stack, quiet_ports


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("stack"), quiet_ports())
    running.up()
    yield running
    running.down()
    running.remove()


@pytest.fixture(scope="session")
def victims(stack: Stack) -> Victims:
    return Victims(stack.state)
