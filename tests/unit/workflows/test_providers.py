import pytest
from pydantic_ai.exceptions import UserError

from backend.core.settings import ModelAccess
from backend.playbooks.model_keys import PROVIDERS
from workflows.agents.providers import KeyRing, ModelKeyMissingError, keyless_model, provider_of

OWN, WORKERS = ModelAccess("sk-own", None), ModelAccess("sk-worker", "https://gateway.example.com")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_that_can_have_a_key_can_be_asked(provider: str) -> None:
    assert keyless_model(f"{provider}:some-model").model_name == "some-model"


def test_own_key_comes_before_the_workers_and_never_goes_to_its_gateway() -> None:
    keys = KeyRing({"openai": OWN}, {"openai": WORKERS, "anthropic": WORKERS})
    assert keys.access("openai:gpt") == OWN
    assert keys.access("anthropic:claude") == WORKERS


def test_key_that_nobody_has_is_missed_with_the_settings_to_set() -> None:
    with pytest.raises(ModelKeyMissingError, match="COUNTERSIGN_ANTHROPIC_API_KEY"):
        KeyRing({}, {"openai": WORKERS}).access("anthropic:claude")


@pytest.mark.parametrize("name", ["mistral:large", "openai:", "openai", "gpt-4"])
def test_model_that_nobody_speaks_with_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="unknown model"):
        provider_of(name)


def test_keys_stay_out_of_what_is_printed() -> None:
    printed = repr(KeyRing({"openai": OWN}, {"openai": WORKERS})) + repr(OWN)
    assert "sk-" not in printed
