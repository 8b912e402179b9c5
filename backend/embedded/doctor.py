"""`countersign doctor`: what runs from this checkout and whether each part answers a real call."""

from collections.abc import Callable

import psutil

from backend.embedded import demo_file, instance, probe
from backend.embedded.launch import Launch


async def doctor(launch: Launch, say: Callable[[str], None]) -> bool:
    """Print one line per part; False when something that should run does not."""
    published = instance.read(launch.state)
    if published is None or not instance.is_running(launch.state):
        say("nothing runs from this checkout; `make up` starts it")
        return False
    say(f"supervisor: pid {published.supervisor.pid}, {published.phase}, {published.url}")
    healthy = published.phase == "ready"
    for name, running in published.processes.items():
        alive = psutil.pid_exists(running.pid)
        say(f"{name}: pid {running.pid} {'runs' if alive else 'is gone'}")
        healthy = healthy and alive
    demo = demo_file.read(launch.demo)
    for what, url in (
        ("API with database and workflow engine", f"{demo.api_url}/health/ready"),
        ("Stripe simulator", f"{demo.stripe_url}/_sim/health"),
    ):
        answers = await probe.request(url, seconds=5.0) is not None
        say(f"{what}: {'answers' if answers else 'does not answer'} ({url})")
        healthy = healthy and answers
    return healthy
