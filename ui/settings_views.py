"""Settings as the page shows them: sessions, names, the keys that can be off, and what the tier allows."""

from dataclasses import dataclass, field

from backend.schemas.profile import SessionRef
from backend.schemas.usage import QuotaUse, Usage

LONGEST_NAME = 100
KEYS = (
    ("j", "Next"),
    ("k", "Previous"),
    ("a", "Approve"),
    ("r", "Reject"),
    ("e", "Edit"),
    ("q", "Ask the agent"),
    ("d", "Delegate"),
    ("z", "Take back"),
    ("w", "Withdraw"),
    ("u", "Undo"),
    ("x", "Select"),
    ("/", "Find"),
    ("?", "All keys"),
)
_ALL = 100
_WARNINGS = {80: "80 % used", 90: "90 % used", _ALL: "Used up"}
_QUOTAS = {
    "calls": "Calls of the API this month",
    "connections": "Connections",
    "data": "Data of records",
    "users": "People",
    "connectors": "Connectors",
}
_BYTES = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
ALL_KEYS = "".join(key for key, _ in KEYS)


@dataclass(frozen=True)
class SessionView:
    """One place where the person is signed in."""

    id: str = ""
    device: str = ""
    icon: str = "browser"
    address: str = ""
    organization: str = ""
    opened_at: str = ""
    last_used_at: str = ""
    current: bool = False


def session_view(session: SessionRef) -> SessionView:
    """The wire's session as a line of the list."""
    return SessionView(
        id=session.id,
        device=session.device,
        icon=session.kind,
        address=session.address or "address not known",
        organization=session.organization,
        opened_at=session.opened_at.isoformat(),
        last_used_at=session.last_used_at.isoformat(),
        current=session.current,
    )


@dataclass(frozen=True)
class QuotaView:
    """One quota of the tier: ``share`` is the used part as a width; without an end there is none."""

    label: str = ""
    used: str = ""
    share: str = ""
    warning: str = ""
    tone: str = ""


@dataclass(frozen=True)
class UsageView:
    """The tier and its quotas."""

    tier: str = ""
    month_ends: str = ""
    quotas: list[QuotaView] = field(default_factory=list)


def usage_view(usage: Usage) -> UsageView:
    """The wire's usage as the page shows it."""
    return UsageView(
        tier=usage.tier.capitalize(),
        month_ends=usage.month_ends_at.date().isoformat(),
        quotas=[_quota(one) for one in usage.quotas],
    )


def _quota(one: QuotaUse) -> QuotaView:
    used = _amount(one.quota, one.used)
    if one.allowed is None:
        return QuotaView(label=_QUOTAS[one.quota], used=f"{used}, no limit")
    return QuotaView(
        label=_QUOTAS[one.quota],
        used=f"{used} of {_amount(one.quota, one.allowed)}",
        share=f"{min(100, 100 * one.used // one.allowed)}%",
        warning=_WARNINGS.get(one.warning or 0, ""),
        tone="red" if one.warning == _ALL else "amber",
    )


def _amount(quota: str, number: int) -> str:
    if quota != "data":
        return f"{number:,}"
    unit = next((unit for unit in _BYTES if number >= unit[0]), _BYTES[-1])
    return f"{number / unit[0]:,.1f}".removesuffix(".0") + f" {unit[1]}"


def name_mistake(name: str) -> str:
    """What is wrong with a name before it is sent; the API has the last word."""
    if not name.strip():
        return "Write the name that others see."
    if len(name.strip()) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters."
    return ""


def switched(quiet: str, key: str) -> str:
    """The keys that are off after pressing the switch of ``key`` (``all`` for every one of them)."""
    if key == "all":
        return "" if quiet else ALL_KEYS
    return quiet.replace(key, "") if key in quiet else quiet + key
