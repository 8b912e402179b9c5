import re
from pathlib import Path

import pytest

from backend.core import settings
from backend.core.settings import SettingsError

ROOT = Path(__file__).resolve().parents[3]
MINIMUM = {
    "COUNTERSIGN_DATABASE_URL": "postgresql://app_rw:pw@h/d",
    "COUNTERSIGN_SYSTEM_DATABASE_URL": "postgresql://app_system:pw@h/d",
    "COUNTERSIGN_MASTER_KEY": "00" * 32,
}


def test_load_when_only_the_needed_is_set_then_embedded_defaults() -> None:
    loaded = settings.load(MINIMUM)
    assert loaded.environment == "embedded"
    assert loaded.model.name == "rules:default"
    assert loaded.web.api_url == loaded.web.public_url


@pytest.mark.parametrize("name", sorted(MINIMUM))
def test_load_when_something_needed_is_missing_then_the_sentence_names_it(name: str) -> None:
    environ = {key: value for key, value in MINIMUM.items() if key != name}
    with pytest.raises(SettingsError, match=name):
        settings.load(environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COUNTERSIGN_MASTER_KEY", "zz"),
        ("COUNTERSIGN_MASTER_KEY", "00"),
        ("COUNTERSIGN_ENVIRONMENT", "staging"),
        ("COUNTERSIGN_TEMPORAL_TLS", "yes"),
        ("COUNTERSIGN_TEMPORAL_ADDRESS", "temporal.example.com:7233"),
        ("COUNTERSIGN_MODEL_TIMEOUT_SECONDS", "101"),
        ("COUNTERSIGN_OTLP_ENDPOINT", "collector:4318"),
        ("COUNTERSIGN_MODEL_MAX_OUTPUT_TOKENS", "many"),
    ],
)
def test_load_when_a_value_makes_no_sense_then_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError):
        settings.load({**MINIMUM, name: value})


def test_secrets_when_settings_are_printed_then_they_stay_out() -> None:
    printed = repr(settings.load({**MINIMUM, "COUNTERSIGN_MODEL_API_KEY": "sk-secret"}))
    for secret in ("app_rw:pw", "app_system:pw", "sk-secret", "00" * 32):
        assert secret not in printed


def test_example_file_when_compared_with_the_code_then_complete() -> None:
    source = (ROOT / "backend/core/settings.py").read_text()
    read = set(re.findall(r'env\.(?:get|text|need|flag|number)\(\s*"([A-Z_]+)"', source))
    listed = set(
        re.findall(
            r"^#? ?COUNTERSIGN_([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE
        )
    )
    assert read
    assert read <= listed
