"""The settings of every process, decoded once from ``COUNTERSIGN_*``. The only reader of the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, cast
from urllib.parse import unquote, urlsplit

from backend.core.crypto import AuditKeys, FileKeys, Keys
from backend.core.masters import MasterFile, MasterKeyError, parse

_SHARED_STORAGE = ("async+valkey", "async+valkeys")
ACCESS_SECONDS, _ACCESS_MOST = 900, 86_400
_ORIGIN = re.compile(r"https?://[\w.:\[\]-]+", re.ASCII)
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


class SettingsError(Exception):
    """A setting is missing or makes no sense; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Connection strings of the roles (``postgresql://…``), and the keys that authenticate what is audited.

    ``owner`` is set for migrations only, ``sealer`` for the worker only.
    """

    app: str = field(repr=False)
    system: str = field(repr=False)
    owner: str | None = field(repr=False)
    sealer: str | None = field(repr=False)
    audit: AuditKeys


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
    ``cors_origins``: other origins whose pages may call the API with a token; none by default.
    """

    public_url: str
    api_url: str
    trusted_proxies: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()

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
class MailSettings:
    """The mail server and whom its mail is from. ``tls``: from the beginning, asked for, or not on this machine."""

    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"]
    sender: str
    user: str | None
    password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it."""

    environment: Literal["embedded", "production"]
    database: DatabaseSettings
    temporal: TemporalSettings
    web: WebSettings
    model: ModelSettings
    stripe: StripeSettings
    mail: MailSettings | None
    keys: Keys = field(repr=False)
    access_lifetime: timedelta
    rate_limit_storage: str = field(repr=False)
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
    keys = _keys(env)
    settings = Settings(
        environment=cast('Literal["embedded", "production"]', environment),
        database=DatabaseSettings(
            app=env.need("DATABASE_URL"),
            system=env.need("SYSTEM_DATABASE_URL"),
            owner=env.get("OWNER_DATABASE_URL"),
            sealer=env.get("SEALER_DATABASE_URL"),
            audit=AuditKeys(keys, env.number("AUDIT_KEY", 1, most=1_000_000)),
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
            _origins(env.text("CORS_ORIGINS", "")),
        ),
        model=_model(env),
        stripe=StripeSettings(
            base_url=stripe_base,
            dashboard_url=env.text("STRIPE_DASHBOARD", "https://dashboard.stripe.com").rstrip("/"),
        ),
        mail=_mail(env),
        keys=keys,
        access_lifetime=timedelta(
            seconds=env.number("ACCESS_TOKEN_SECONDS", ACCESS_SECONDS, most=_ACCESS_MOST)
        ),
        rate_limit_storage=_storage(env.text("RATE_LIMIT_STORAGE", "async+memory://")),
        otlp_endpoint=_endpoint(env.get("OTLP_ENDPOINT")),
    )
    _check_temporal(settings.temporal)
    return settings


def master_key(environ: Mapping[str, str]) -> Keys:
    """The master key alone, for what needs nothing else. Raises :class:`SettingsError`."""
    return _keys(_Env(environ))


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


def _mail(env: _Env) -> MailSettings | None:
    """Without a server mail is kept, to be read with ``countersign mail``."""
    text = env.get("SMTP_URL")
    if text is None:
        return None
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise SettingsError(f"COUNTERSIGN_SMTP_URL: {error}") from error
    if url.scheme not in ("smtp", "smtps") or not url.hostname:
        raise SettingsError(
            "COUNTERSIGN_SMTP_URL must be smtp://user:password@host:587 or smtps://host"
        )
    local = url.hostname in _THIS_MACHINE
    return MailSettings(
        host=url.hostname,
        port=port or (465 if url.scheme == "smtps" else 587),
        tls="implicit" if url.scheme == "smtps" else "none" if local else "starttls",
        sender=env.need("MAIL_FROM"),
        user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
    )


def _keys(env: _Env) -> Keys:
    try:
        if (text := env.get("MASTER_KEY")) is not None:
            return Keys(*parse(text))
        return FileKeys(MasterFile(Path(env.need("MASTER_KEY_FILE"))))
    except MasterKeyError as error:
        raise SettingsError(str(error)) from error
    except OSError as error:
        raise SettingsError(f"COUNTERSIGN_MASTER_KEY_FILE: {error}") from error


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _origins(text: str) -> tuple[str, ...]:
    for one in (named := _listed(text)):
        if _ORIGIN.fullmatch(one) is None:
            raise SettingsError(
                f"COUNTERSIGN_CORS_ORIGINS names {one!r}; use https://app.example.com"
            )
    return named


def _proxies(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(part)) for part in _listed(text))
    except ValueError as error:
        raise SettingsError(f"COUNTERSIGN_TRUSTED_PROXIES: {error}") from error


def _storage(text: str) -> str:
    if text != "async+memory://" and urlsplit(text).scheme not in _SHARED_STORAGE:
        raise SettingsError(
            f"COUNTERSIGN_RATE_LIMIT_STORAGE is {text!r};"
            " use async+memory:// or async+valkey://host:6379"
        )
    return text


def _endpoint(text: str | None) -> str | None:
    if text is not None and urlsplit(text).scheme not in ("http", "https"):
        raise SettingsError(f"COUNTERSIGN_OTLP_ENDPOINT is {text!r}; use http://host:4318")
    return text.rstrip("/") if text else None


def _check_temporal(temporal: TemporalSettings) -> None:
    host = urlsplit(f"//{temporal.address}").hostname
    local = host in (*_THIS_MACHINE, "temporal")
    if not local and not temporal.tls:
        raise SettingsError(
            f"COUNTERSIGN_TEMPORAL_ADDRESS is remote ({temporal.address}); set COUNTERSIGN_TEMPORAL_TLS=true"
        )
