"""The settings of every process, decoded once from ``COUNTERSIGN_*``. The only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

from backend.core.crypto import Keys

_KEY_BYTES = 32


class SettingsError(Exception):
    """A setting is missing or makes no sense; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Connection strings of the three roles (``postgresql://…``). ``owner`` is set for migrations only."""

    app: str = field(repr=False)
    system: str = field(repr=False)
    owner: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class TemporalSettings:
    """Where the workflow engine is. A remote address needs TLS."""

    address: str
    namespace: str
    tls: bool
    api_key: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """``public_url`` is the origin that browsers see; ``api_url`` is where the UI reaches the API.

    ``trusted_proxies``: addresses or networks whose ``X-Forwarded-For`` is believed; nobody's by default.
    """

    public_url: str
    api_url: str
    trusted_proxies: tuple[str, ...] = ()

    @property
    def secure_cookies(self) -> bool:
        """Cookies are marked Secure when the public origin is https."""
        return self.public_url.startswith("https://")


@dataclass(frozen=True, slots=True)
class ModelAccess:
    """How a model provider is reached; without a ``base_url`` at its public address."""

    api_key: str = field(repr=False)
    base_url: str | None


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What drives the agents: ``rules:default`` (offline) or a provider's ``name:model``.

    ``access`` holds the worker's keys by provider. One call may take ``timeout_seconds`` and answer with at most
    ``max_output_tokens``, which is also what is set aside for it.
    """

    name: str
    access: Mapping[str, ModelAccess]
    timeout_seconds: int
    max_output_tokens: int


@dataclass(frozen=True, slots=True)
class StripeSettings:
    """Base address of Stripe's API; the embedded product points it at its simulator."""

    base_url: str
    dashboard_url: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it."""

    environment: Literal["embedded", "production"]
    database: DatabaseSettings
    temporal: TemporalSettings
    web: WebSettings
    model: ModelSettings
    stripe: StripeSettings
    keys: Keys = field(repr=False)
    rate_limit_storage: str
    otlp_endpoint: str | None


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Decode the environment. Raises :class:`SettingsError` that names the setting."""
    env = _Env(os.environ if environ is None else environ)
    public_url = env.text("PUBLIC_URL", "http://127.0.0.1:8080").rstrip("/")
    environment = env.text("ENVIRONMENT", "embedded")
    if environment not in ("embedded", "production"):
        raise SettingsError(
            f"COUNTERSIGN_ENVIRONMENT is {environment!r}; use embedded or production"
        )
    stripe_base = env.text("STRIPE_BASE", "https://api.stripe.com").rstrip("/")
    settings = Settings(
        environment=cast('Literal["embedded", "production"]', environment),
        database=DatabaseSettings(
            app=env.need("DATABASE_URL"),
            system=env.need("SYSTEM_DATABASE_URL"),
            owner=env.get("OWNER_DATABASE_URL"),
        ),
        temporal=TemporalSettings(
            address=env.text("TEMPORAL_ADDRESS", "127.0.0.1:7233"),
            namespace=env.text("TEMPORAL_NAMESPACE", "countersign"),
            tls=env.flag("TEMPORAL_TLS"),
            api_key=env.get("TEMPORAL_API_KEY"),
        ),
        web=WebSettings(
            public_url,
            env.text("API_URL", public_url).rstrip("/"),
            _proxies(env.text("TRUSTED_PROXIES", "")),
        ),
        model=_model(env),
        stripe=StripeSettings(
            base_url=stripe_base,
            dashboard_url=env.text("STRIPE_DASHBOARD", "https://dashboard.stripe.com").rstrip("/"),
        ),
        keys=_keys(env),
        rate_limit_storage=env.text("RATE_LIMIT_STORAGE", "async+memory://"),
        otlp_endpoint=_endpoint(env.get("OTLP_ENDPOINT")),
    )
    _check_temporal(settings.temporal)
    return settings


def process_environment() -> dict[str, str]:
    """A copy of this process's environment, for those who start other programs."""
    return dict(os.environ)


class _Env:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def get(self, name: str) -> str | None:
        return self._environ.get(f"COUNTERSIGN_{name}") or None

    def text(self, name: str, default: str) -> str:
        return self.get(name) or default

    def need(self, name: str) -> str:
        if value := self.get(name):
            return value
        raise SettingsError(f"COUNTERSIGN_{name} is not set; see .env.example")

    def number(self, name: str, default: int, *, most: int) -> int:
        text = self.text(name, str(default))
        if not text.isascii() or not text.isdigit() or not 0 < int(text) <= most:
            raise SettingsError(f"COUNTERSIGN_{name} is {text!r}; use a whole number, 1 to {most}")
        return int(text)

    def flag(self, name: str) -> bool:
        value = self.text(name, "false").lower()
        if value not in ("true", "false"):
            raise SettingsError(f"COUNTERSIGN_{name} is {value!r}; use true or false")
        return value == "true"


def _model(env: _Env) -> ModelSettings:
    name = env.text("MODEL", "rules:default")
    configured = {
        "openai": (env.get("OPENAI_API_KEY"), env.get("OPENAI_BASE_URL")),
        "anthropic": (env.get("ANTHROPIC_API_KEY"), env.get("ANTHROPIC_BASE_URL")),
    }
    if key := env.get("MODEL_API_KEY"):
        configured[name.partition(":")[0]] = (key, env.get("MODEL_BASE_URL"))
    return ModelSettings(
        name=name,
        access={who: ModelAccess(key, url) for who, (key, url) in configured.items() if key},
        timeout_seconds=env.number("MODEL_TIMEOUT_SECONDS", 60, most=100),
        max_output_tokens=env.number("MODEL_MAX_OUTPUT_TOKENS", 8192, most=1_000_000),
    )


def _keys(env: _Env) -> Keys:
    text = env.get("MASTER_KEY")
    if text is None:
        path = Path(env.need("MASTER_KEY_FILE"))
        try:
            text = path.read_text(encoding="ascii")
        except OSError as error:
            raise SettingsError(f"COUNTERSIGN_MASTER_KEY_FILE: {error}") from error
    try:
        master = bytes.fromhex(text.strip())
    except ValueError as error:
        raise SettingsError("the master key is not hexadecimal") from error
    if len(master) != _KEY_BYTES:
        raise SettingsError("the master key must be 32 bytes, written as 64 hexadecimal digits")
    return Keys(key_id="m1", master=master)


def _proxies(text: str) -> tuple[str, ...]:
    named = tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        return tuple(str(ip_network(part)) for part in named)
    except ValueError as error:
        raise SettingsError(f"COUNTERSIGN_TRUSTED_PROXIES: {error}") from error


def _endpoint(text: str | None) -> str | None:
    if text is not None and urlsplit(text).scheme not in ("http", "https"):
        raise SettingsError(f"COUNTERSIGN_OTLP_ENDPOINT is {text!r}; use http://host:4318")
    return text.rstrip("/") if text else None


def _check_temporal(temporal: TemporalSettings) -> None:
    host = urlsplit(f"//{temporal.address}").hostname
    local = host in ("127.0.0.1", "localhost", "::1", "temporal")
    if not local and not temporal.tls:
        raise SettingsError(
            f"COUNTERSIGN_TEMPORAL_ADDRESS is remote ({temporal.address}); set COUNTERSIGN_TEMPORAL_TLS=true"
        )
