"""Names of the task queues, and how soon a step is taken from a worker that is gone.

One worker process serves all queues; a large installation may split them.
"""

from datetime import timedelta

AGENTS = "agents"
SYNC = "sync"
DEFAULT = "default"
# A step of a workflow takes milliseconds; by the engine's own default a lost one is waited for ten seconds.
STEP_WITHIN = timedelta(seconds=4)
