"""The JavaScript of every page: how much a first visit loads, and whether the grid is in it."""

from functools import partial
from urllib.parse import urlsplit

from playwright.async_api import Browser, Response

from benchmarks.browsing import Reader
from tests.looking.places import routes

_GRID = "ag-grid-community"
_WITH_GRID = ("/proposals/[[pid]]",)


async def print_scripts(browser: Browser, url: str, cookie: str) -> None:
    """A table of pages; a first visit each."""
    print("\n| page | scripts | kB compressed | kB | grid |\n|---|---|---|---|---|", flush=True)
    for route in routes():
        path = route.split("/[")[0] if route != "404" else "/no/such/page"
        if "[" in route and "[[" not in route:
            continue  # its scripts load with the list's own
        reader = await Reader.sit_down(browser, url, cookie if route != "/login" else "")
        loaded: list[Response] = []
        reader.page.on("response", partial(_keep, loaded))
        await reader.page.goto(f"{url}{path or '/'}")
        await reader.page.locator("[data-connection='live'], .cs-login").first.wait_for()
        scripts = [one for one in loaded if urlsplit(one.url).path.endswith(".js")]
        bodies = [await one.body() for one in scripts]
        sizes = [await one.request.sizes() for one in scripts]
        sent = sum(size["responseBodySize"] for size in sizes)
        grid = any(b"InfiniteRowModel" in body or _GRID.encode() in body for body in bodies)
        wrong = " (should not be)" if grid and route not in (*_WITH_GRID, "/") else ""
        whole = sum(map(len, bodies))
        has = "yes" if grid else "no"
        print(
            f"| {path} | {len(scripts)} | {sent / 1000:.0f} | {whole / 1000:.0f} | {has}{wrong} |"
        )
        await reader.leave()


def _keep(loaded: list[Response], one: Response) -> None:
    loaded.append(one)
