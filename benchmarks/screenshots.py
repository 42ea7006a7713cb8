"""`python -m benchmarks.screenshots`: pictures of every page, light and dark, of the version that is here."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.alone import ending_tidily
from benchmarks.browsing import DESKTOP, chromium, circle_around, draw, free_rows, opened, place_of, wait_finished
from benchmarks.processes import served
from benchmarks.setting import ROOT, Missing

PHONE = {"width": 390, "height": 844}
THEMES = ("light", "dark")
ENCLOSED = 60
BUSY = ", ".join(
    f"[data-testid={name}]" for name in ("stSkeleton", "stProgress", "stSpinner", "stStatusWidgetRunningIcon")
)
# The pictures are taken with a temporary data folder; they show the name of the usual one.
USUAL_HOME = "~/.local/share/embedlab"
_AS_AT_HOME = """([temporary, usual]) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll(temporary, usual);
}"""


def main() -> None:
    """Start the app with an empty data folder and take all pictures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", metavar="FOLDER")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with ending_tidily(), tempfile.TemporaryDirectory(prefix="embedlab-screenshots-") as name:
        home = Path(name) / "home"
        environment = {**os.environ, "EMBEDLAB_HOME": str(home)}
        try:
            with chromium() as browser, served(ROOT, environment, Path(name) / "log") as server:
                for theme in THEMES:
                    _all_pages(browser, server.address, theme, home, out)
        except Missing as missing:
            raise SystemExit(f"No screenshots. {missing}") from None


def _all_pages(browser: Any, address: str, theme: str, home: Path, out: Path) -> None:
    with opened(browser, viewport=DESKTOP, color_scheme=theme) as page:
        page.goto(address)
        wait_finished(page)
        _rested(page)
        _take(page, out / f"map-{theme}.png")
        for name, act in (("clicked", _click), ("selected", _lasso)):
            act(page)
            _rested(page)
            _take(page, out / f"map-{name}-{theme}.png")
        for link in _others(page):
            page.goto(link)
            _rested(page)
            page.evaluate(_AS_AT_HOME, [str(home), USUAL_HOME])
            _take(page, out / f"{link.rstrip('/').rsplit('/', 1)[1]}-{theme}.png")
    with opened(browser, viewport=PHONE, color_scheme=theme, is_mobile=True, has_touch=True) as page:
        page.goto(address)
        wait_finished(page)
        _rested(page)
        _take(page, out / f"map-phone-{theme}.png")


def _others(page: Any) -> list[str]:
    """Return the addresses of all pages but the first, as the navigation has them."""
    links = page.locator("[data-testid=stSidebarNavLink]")
    addresses: list[str] = links.evaluate_all("(links) => links.map((link) => link.href)")
    return addresses[1:]


def _click(page: Any) -> None:
    page.mouse.click(*place_of(page, free_rows(page, 5)[-1]))
    page.get_by_text("true neighbours are near it").first.wait_for()


def _lasso(page: Any) -> None:
    page.locator("[data-tool=clear]").click()
    page.get_by_text("true neighbours are near it").first.wait_for(state="detached")
    page.locator("[data-tool=lasso]").click()
    draw(page, circle_around(page, free_rows(page, 3)[-1], ENCLOSED))
    page.mouse.up()
    page.get_by_text("Words that set it apart").first.wait_for()


def _rested(page: Any) -> None:
    """Wait until nothing is being computed, loaded or moved any more."""
    page.locator("h1").first.wait_for()
    page.wait_for_function(
        """(busy) => {
            const still = !document.querySelector(busy) && !document.querySelector('[data-stale=true]');
            window.stillSince = still ? window.stillSince || performance.now() : null;
            return window.stillSince && performance.now() - window.stillSince > 2000;
        }""",
        arg=BUSY,
    )
    page.mouse.move(2, 2)
    page.wait_for_timeout(500)


def _take(page: Any, path: Path) -> None:
    page.screenshot(path=path)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
