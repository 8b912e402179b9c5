"""One organization's hundreds of runs do not hold up another's single one."""

import pytest

from tests.conformance.stripe.account import Account
from tests.crowd import Crowd, Single
from tests.desk import OpenDesk

pytestmark = pytest.mark.usefixtures("worker")


async def test_single_run_beside_a_crowd_proposes_before_most_of_the_crowd(
    opened: OpenDesk, account: Account, seeded_key: str
) -> None:
    single = Single(await opened(), account)
    crowd = Crowd(await opened(seeded_key))
    waiting = await crowd.gather(4)
    assert waiting > 100
    await single.run()
    assert await crowd.left() > waiting / 4  # in the order of arrival it would have been the last
    await crowd.disperse()
