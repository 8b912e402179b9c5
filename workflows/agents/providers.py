"""Turns a model's name into a model: which providers there are, and with whose key they are asked."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import Model

from backend.core.errors import InvalidInputError
from backend.core.settings import ModelAccess

_KEYLESS = ModelAccess("only activities have the key", None)
_ASIDE = ThreadPoolExecutor(1, "import")


class ModelKeyMissingError(InvalidInputError):
    """Neither the organization nor the worker has a key for the model's provider."""

    code = "model_key_missing"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that a run may use: the organization's own before those of the worker."""

    own: Mapping[str, ModelAccess] = field(repr=False)
    worker: Mapping[str, ModelAccess] = field(repr=False)

    def access(self, name: str) -> ModelAccess:
        """How the model is reached. Raises :class:`ModelKeyMissingError` that says where a key is set."""
        provider = provider_of(name)
        found = self.own.get(provider) or self.worker.get(provider)
        if found is None:
            raise ModelKeyMissingError(
                f"model {name} needs a key: an administrator can add the organization's own for {provider}, "
                "or the worker needs COUNTERSIGN_MODEL_API_KEY "
                f"(COUNTERSIGN_{provider.upper()}_API_KEY beside another provider)"
            )
        return found


def provider_of(name: str) -> str:
    """``openai`` of ``openai:gpt-…``. Raises ``UserError`` for a provider that we do not speak with."""
    provider, _, model = name.partition(":")
    if provider not in _PROVIDERS or not model:
        raise UserError(f"unknown model {name!r}; use rules:default, openai:… or anthropic:…")
    return provider


def preload(name: str) -> None:
    """Import the provider of this model, which takes up to some seconds."""
    if name.partition(":")[0] in _PROVIDERS:
        provider_model(name, _KEYLESS)


def keyless_model(name: str) -> Model:
    """The model as a workflow knows it: it is never called there.

    Its provider is imported in a thread of its own. The engine breaks off the thread of a workflow task that takes more
    than two seconds, and a module whose import was broken off would stay half a module while the process lives.
    """
    return _ASIDE.submit(provider_model, name, _KEYLESS).result()


def provider_model(name: str, access: ModelAccess) -> Model:
    """The provider's model by name (``openai:…``, ``anthropic:…``)."""
    return _PROVIDERS[provider_of(name)](name.partition(":")[2], access)


def _openai(model: str, access: ModelAccess) -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415 - the configured one only
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415

    provider = OpenAIProvider(api_key=access.api_key, base_url=access.base_url)
    return OpenAIChatModel(model, provider=provider)


def _anthropic(model: str, access: ModelAccess) -> Model:
    from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415 - as above
    from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415

    provider = AnthropicProvider(api_key=access.api_key, base_url=access.base_url)
    return AnthropicModel(model, provider=provider)


_PROVIDERS: dict[str, Callable[[str, ModelAccess], Model]] = {
    "openai": _openai,
    "anthropic": _anthropic,
}
