"""What Reflex needs to know to build and serve the UI. The only file of the UI that reads the environment."""
# ruff: noqa: TID251  Reflex imports this file on its own, before any settings of ours

import os
from collections.abc import Sequence
from urllib.parse import urlsplit

import reflex as rx
from reflex_base.constants import PackageJson
from reflex_base.plugins import Plugin

# Everything a build makes stays in the product's own folder.
os.environ.setdefault("REFLEX_WEB_WORKDIR", ".countersign/web")
os.environ.setdefault("REFLEX_STATES_WORKDIR", ".countersign/states")

PUBLIC_URL = os.environ.get("COUNTERSIGN_PUBLIC_URL", "http://127.0.0.1:8080").rstrip("/")
API_URL = os.environ.get("COUNTERSIGN_API_URL", PUBLIC_URL).rstrip("/")

# The development server listens on every interface unless it is told otherwise.
PackageJson.Commands.DEV = "react-router dev --host 127.0.0.1"


class Fonts(Plugin):
    """Bundles the two variable fonts, so that no page asks another host for them."""

    def get_stylesheet_paths(self, **_: object) -> Sequence[str]:
        """The style sheets of the font packages named in ``frontend_packages``."""
        return (
            "@fontsource-variable/inter/wght.css",
            "@fontsource-variable/geist-mono/wght.css",
        )


def _socket_url(public_url: str) -> str:
    """The browser replaces ``localhost`` by the host of the page, so one build serves every loopback name."""
    url = urlsplit(public_url)
    if url.hostname in ("127.0.0.1", "localhost"):
        return f"{url.scheme}://localhost:{url.port or 80}"
    return public_url


config = rx.Config(
    app_name="ui",
    app_module_import="ui.app",
    backend_host="127.0.0.1",
    api_url=_socket_url(PUBLIC_URL),
    cors_allowed_origins=sorted({PUBLIC_URL, _socket_url(PUBLIC_URL)}),
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    frontend_packages=[
        "@fontsource-variable/inter@5.3.0",
        "@fontsource-variable/geist-mono@5.3.0",
    ],
    plugins=[Fonts()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
