"""Names of the task queues. One worker process serves all of them; a large installation may split them."""

AGENTS = "agents"
SYNC = "sync"
DEFAULT = "default"
