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
        ("COUNTERSIGN_AUDIT_KEY", "0"),
        ("COUNTERSIGN_ACCESS_TOKEN_SECONDS", "0"),
        ("COUNTERSIGN_CORS_ORIGINS", "*"),
        ("COUNTERSIGN_CORS_ORIGINS", "https://app.example.com/"),
        ("COUNTERSIGN_OTLP_ENDPOINT", "collector:4318"),
        ("COUNTERSIGN_RATE_LIMIT_STORAGE", "valkey:6379"),
        ("COUNTERSIGN_RATE_LIMIT_STORAGE", "async+redis://valkey:6379"),
        ("COUNTERSIGN_MODEL_MAX_OUTPUT_TOKENS", "many"),
        ("COUNTERSIGN_SMTP_URL", "mail.example.com"),
        ("COUNTERSIGN_SMTP_URL", "smtp://mail.example.com:many"),
        ("COUNTERSIGN_SMTP_URL", "smtp://mail.example.com"),  # and nobody whom mail is from
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


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://mail.example.com", 587, "starttls"),
        ("smtps://mail.example.com", 465, "implicit"),
        ("smtp://127.0.0.1:2525", 2525, "none"),
    ],
)
def test_mail_server_when_outside_this_machine_then_encrypted(
    url: str, port: int, tls: str
) -> None:
    sender = {"COUNTERSIGN_MAIL_FROM": "countersign@example.com"}
    mail = settings.load({**MINIMUM, **sender, "COUNTERSIGN_SMTP_URL": url}).mail
    assert mail is not None
    assert (mail.port, mail.tls) == (port, tls)


def test_mail_server_when_its_log_in_is_written_in_the_address_then_read_and_never_printed() -> (
    None
):
    url = {"COUNTERSIGN_SMTP_URL": "smtps://us%40er:s%2Fecret@mail.example.com"}
    mail = settings.load({**MINIMUM, **url, "COUNTERSIGN_MAIL_FROM": "c@example.com"}).mail
    assert mail is not None
    assert (mail.user, mail.password) == ("us@er", "s/ecret")
    assert "s/ecret" not in repr(mail)
