"""Planned misfortune: what the next matching request or webhook delivery meets."""

import re
from dataclasses import dataclass

REQUEST_FAULTS = ("429", "500", "500-after", "lost", "lost-before", "delay")
WEBHOOK_FAULTS = ("duplicate", "late", "reorder", "wrong-signature")


@dataclass
class Fault:
    """One plan. For webhooks `path` is matched against the event's type."""

    fault: str
    key: str | None
    method: str | None
    path: re.Pattern[str]
    times: int
    seconds: float


class Faults:
    """The plans of this process, used up in the order in which they were made."""

    def __init__(self) -> None:
        self._plans: list[Fault] = []

    def plan(self, fault: Fault) -> None:
        """Add one."""
        self._plans.append(fault)

    def clear(self, key: str | None) -> None:
        """Forget the plans of one account, or all."""
        self._plans = [one for one in self._plans if key is not None and one.key != key]

    def take(
        self, kinds: tuple[str, ...], key: str | None, method: str, subject: str
    ) -> Fault | None:
        """The first plan that matches, one use of it spent."""
        for plan in self._plans:
            if (
                plan.fault in kinds
                and plan.key in (None, key)
                and plan.method in (None, method)
                and plan.path.search(subject)
            ):
                plan.times -= 1
                if plan.times == 0:
                    self._plans.remove(plan)
                return plan
        return None
