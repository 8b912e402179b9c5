"""Timeouts and retries of every activity, in one place.

Nothing but the wait for a suspended organization is retried for ever; what must be written in the end (the database) is
tried for more than two hours.
"""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig

_SECOND = timedelta(seconds=1)
_HEARTBEAT = timedelta(seconds=3)  # how soon a killed worker's activity is given to another one

RESUMPTION = ActivityConfig(  # an organization may be suspended for months; an attempt leaves no trace in the history
    start_to_close_timeout=30 * _SECOND,
    heartbeat_timeout=_HEARTBEAT,
    retry_policy=RetryPolicy(
        initial_interval=1 * _SECOND, maximum_interval=30 * _SECOND, maximum_attempts=0
    ),
)
DATABASE = ActivityConfig(
    start_to_close_timeout=30 * _SECOND,
    heartbeat_timeout=_HEARTBEAT,
    retry_policy=RetryPolicy(
        initial_interval=0.2 * _SECOND, maximum_interval=30 * _SECOND, maximum_attempts=300
    ),
)
FIRST_LOOK = ActivityConfig(
    start_to_close_timeout=30 * _SECOND,
    heartbeat_timeout=_HEARTBEAT,
    retry_policy=RetryPolicy(
        initial_interval=0.5 * _SECOND, maximum_interval=30 * _SECOND, maximum_attempts=8
    ),
)
OUTSIDE_READ = ActivityConfig(
    start_to_close_timeout=30 * _SECOND,
    heartbeat_timeout=_HEARTBEAT,
    retry_policy=RetryPolicy(
        initial_interval=0.5 * _SECOND, maximum_interval=30 * _SECOND, maximum_attempts=8
    ),
)
CLAIM = ActivityConfig(  # approved work must not be dropped because the outside system rests for some hours
    start_to_close_timeout=30 * _SECOND,
    heartbeat_timeout=_HEARTBEAT,
    retry_policy=RetryPolicy(
        initial_interval=0.5 * _SECOND, maximum_interval=60 * _SECOND, maximum_attempts=500
    ),
)
EFFECT = ActivityConfig(
    start_to_close_timeout=60 * _SECOND,
    heartbeat_timeout=_HEARTBEAT,
    retry_policy=RetryPolicy(
        initial_interval=1 * _SECOND, maximum_interval=60 * _SECOND, maximum_attempts=12
    ),
)
SYNC = ActivityConfig(
    start_to_close_timeout=600 * _SECOND,
    heartbeat_timeout=_HEARTBEAT,
    retry_policy=RetryPolicy(
        initial_interval=1 * _SECOND, maximum_interval=30 * _SECOND, maximum_attempts=5
    ),
)
EVENTS = (
    ActivityConfig(  # what has come in must be applied in the end, whatever of ours rests meanwhile
        start_to_close_timeout=600 * _SECOND,
        heartbeat_timeout=_HEARTBEAT,
        retry_policy=RetryPolicy(
            initial_interval=0.5 * _SECOND, maximum_interval=60 * _SECOND, maximum_attempts=300
        ),
    )
)
TOOL = ActivityConfig(
    start_to_close_timeout=30 * _SECOND,
    heartbeat_timeout=_HEARTBEAT,
    retry_policy=RetryPolicy(
        initial_interval=0.5 * _SECOND, maximum_interval=10 * _SECOND, maximum_attempts=5
    ),
)
MODEL = ActivityConfig(
    start_to_close_timeout=600 * _SECOND,  # a chain of models, each with the timeout of a call
    heartbeat_timeout=_HEARTBEAT,
    retry_policy=RetryPolicy(
        initial_interval=1 * _SECOND, maximum_interval=30 * _SECOND, maximum_attempts=8
    ),
)
