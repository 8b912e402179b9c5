"""The pages are served under a policy that runs no script but ours."""

import base64
import hashlib
from pathlib import Path

from backend.web import _policy


def test_policy_when_pages_have_inline_scripts_then_each_is_named_and_nothing_else_is(
    tmp_path: Path,
) -> None:
    (tmp_path / "login").mkdir()
    (tmp_path / "index.html").write_text('<script src="/a.js"></script><script>boot()</script>')
    (tmp_path / "login" / "index.html").write_text('<script type="module">go()</script>')

    policy = _policy(tmp_path, "http://127.0.0.1:8080")

    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    named = [base64.b64encode(hashlib.sha256(code).digest()) for code in (b"boot()", b"go()")]
    assert set(scripts.split()[1:]) == {"'self'", *(f"'sha256-{one.decode()}'" for one in named)}


def test_policy_when_the_origin_is_loopback_then_both_its_names_may_open_the_socket(
    tmp_path: Path,
) -> None:
    policy = _policy(tmp_path, "http://127.0.0.1:8080")

    assert "connect-src 'self' ws://127.0.0.1:8080 ws://localhost:8080;" in policy


def test_policy_when_the_origin_is_secure_then_only_its_own_socket_is_allowed(
    tmp_path: Path,
) -> None:
    policy = _policy(tmp_path, "https://sign.example.com")

    assert "connect-src 'self' wss://sign.example.com;" in policy
