"""Turns a model's name into a model: the offline rules, or the provider that this worker is set up for."""

from collections.abc import Callable

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from temporalio import workflow

from backend.core.settings import ModelSettings as Configured
from workflows.runtime.resources import current

Build = Callable[[str, str | None, str | None], Model]
_KEYLESS = "only activities have the key"
_SETTINGS = ModelSettings(max_retries=0)  # the engine retries


def preload(name: str) -> None:
    """Import the provider of this model now: inside a workflow task the import would take too long."""
    provider, _, _ = name.partition(":")
    if provider in _PROVIDERS:
        _PROVIDERS[provider](name, _KEYLESS, None)


def provider_model(name: str) -> Model:
    """The provider's model by name (``openai:…``, ``anthropic:…``).

    In a workflow it is built without a key and never called; activities build it with the worker's key.
    """
    provider, _, _ = name.partition(":")
    if provider not in _PROVIDERS:
        raise UserError(f"unknown model {name!r}; use rules:default, openai:… or anthropic:…")
    build = _PROVIDERS[provider]
    if workflow.in_workflow():
        return build(name, _KEYLESS, None)
    settings = current().settings.model
    return build(name, _key(settings, name), settings.base_url)


def _key(settings: Configured, name: str) -> str:
    if settings.api_key is None:
        raise UserError(f"model {name} needs COUNTERSIGN_MODEL_API_KEY")
    return settings.api_key


def _openai(name: str, api_key: str | None, base_url: str | None) -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415 - the configured one only
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415

    provider = OpenAIProvider(api_key=api_key, base_url=base_url)
    return OpenAIChatModel(_model(name), provider=provider, settings=_SETTINGS)


def _anthropic(name: str, api_key: str | None, base_url: str | None) -> Model:
    from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415 - as above
    from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415

    provider = AnthropicProvider(api_key=api_key, base_url=base_url)
    return AnthropicModel(_model(name), provider=provider, settings=_SETTINGS)


def _model(name: str) -> str:
    return name.partition(":")[2]


_PROVIDERS: dict[str, Build] = {"openai": _openai, "anthropic": _anthropic}
