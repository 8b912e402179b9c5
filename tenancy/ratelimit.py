"""Rate limits: one table of classes, counted in this process or in Valkey."""

import time
from dataclasses import dataclass
from enum import StrEnum

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import storage_from_string

from backend.core.errors import RateLimitedError


class RateClass(StrEnum):
    """The classes that routes belong to."""

    API = "api"
    LOGIN = "login"
    WEBHOOK = "webhook"
    UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit. ``name`` is told to clients and keeps its counters apart."""

    name: str
    item: RateLimitItem


ORGANIZATION = Rule("organization", RateLimitItemPerSecond(100))
ANONYMOUS = Rule("address", RateLimitItemPerSecond(20))
WEBHOOK_ADDRESS = Rule("webhook-address", RateLimitItemPerSecond(100))
LOGIN_ADDRESS = Rule("login-address", RateLimitItemPerMinute(60))
LOGIN_ACCOUNT = Rule("login-account", RateLimitItemPerMinute(10))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a client stands with a limit after one more request; ``reset`` in seconds."""

    rule: Rule
    allowed: bool
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """The headers of the reply (draft-ietf-httpapi-ratelimit-headers, and the older X- ones)."""
        amount, name = self.rule.item.amount, self.rule.name
        found = {
            "RateLimit-Policy": f'"{name}";q={amount};w={self.rule.item.get_expiry()}',
            "RateLimit": f'"{name}";r={self.remaining};t={self.reset}',
            "X-RateLimit-Limit": str(amount),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }
        return found if self.allowed else {**found, "Retry-After": str(max(1, self.reset))}


class TooManyRequestsError(RateLimitedError):
    """The limit is used up."""

    def __init__(self, standing: Standing) -> None:
        wait = max(1, standing.reset)
        super().__init__(
            f"too many requests for this {standing.rule.name}; come back in {wait} s",
            retry_after=wait,
        )
        self.headers = standing.headers()


class RateLimiter:
    """Counts requests over a moving window. ``uri``: ``async+memory://`` or ``async+valkey://host:port``."""

    def __init__(self, uri: str) -> None:
        self._limiter = MovingWindowRateLimiter(storage_from_string(uri))

    async def hit(self, rule: Rule, *identity: str) -> Standing:
        """Count one request of this identity."""
        allowed = await self._limiter.hit(rule.item, rule.name, *identity)
        stats = await self._limiter.get_window_stats(rule.item, rule.name, *identity)
        reset = max(0, round(stats.reset_time - time.time()))
        return Standing(rule, allowed, stats.remaining, reset)

    async def require(self, rule: Rule, *identity: str) -> Standing:
        """As :meth:`hit`; raises :class:`TooManyRequestsError` when the limit is used up."""
        standing = await self.hit(rule, *identity)
        if not standing.allowed:
            raise TooManyRequestsError(standing)
        return standing
