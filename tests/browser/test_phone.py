"""What only a browser shows: the title of a tab, a phone's menu that goes away, and a toolbar that covers nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

READY = 120_000  # the model may have to be loaded, and the texts embedded
PHONE = {"width": 390, "height": 844}


def at(app: str, new_page: Callable[..., Any], path: str, **options: Any) -> Any:
    page = new_page(**options)
    page.goto(app + path)
    page.locator("h1").wait_for()
    return page


def test_a_tab_is_called_by_its_page_and_its_texts(app: str, new_page: Callable[..., Any]) -> None:
    page = at(app, new_page, "/texts")
    page.wait_for_function("() => document.title === 'Texts · Support messages · embedlab'")
    page.get_by_role("link", name="Stored vectors").first.click()
    page.wait_for_function("() => document.title === 'Stored vectors · Support messages · embedlab'")


def test_a_phone_s_menu_goes_away_when_a_page_is_chosen(app: str, new_page: Callable[..., Any]) -> None:
    page = at(app, new_page, "/texts", **PHONE, is_mobile=True, has_touch=True)
    for name in ("Stored vectors", "Change texts"):
        page.get_by_test_id("stExpandSidebarButton").tap()
        page.get_by_role("link", name=name).first.tap()
        page.get_by_test_id("stSidebar").locator("visible=true").wait_for(state="hidden")
        page.get_by_test_id("stExpandSidebarButton").wait_for()
    assert page.url.endswith("/texts")


def test_a_wide_screen_keeps_its_menu(app: str, new_page: Callable[..., Any]) -> None:
    page = at(app, new_page, "/texts")
    page.get_by_role("link", name="Stored vectors").first.click()
    page.get_by_role("heading", name="Stored vectors").wait_for()
    assert page.get_by_role("link", name="Texts").first.is_visible()


CROSSED = """() => {
    const chart = document.querySelector(".stPlotlyChart");
    const box = (what) => chart.querySelector(what).getBoundingClientRect();
    const bar = box(".modebar-group"), legend = box(".legend"), plot = box(".bglayer, .plot");
    return { bar: bar.left, legend: legend.right, plot: plot.right, shown: getComputedStyle(chart.querySelector(
        ".modebar-container")).display };
}"""


def test_the_toolbar_is_beside_the_legend_and_absent_where_there_is_no_pointer(
    app: str, new_page: Callable[..., Any]
) -> None:
    page = at(app, new_page, "/finetune", width=1280, height=900)
    page.locator(".stPlotlyChart .legend").first.wait_for(timeout=READY)
    page.locator(".stPlotlyChart").first.hover()
    found = page.evaluate(CROSSED)
    assert found["bar"] >= found["legend"]
    assert found["bar"] >= found["plot"] - 1
    phone = at(app, new_page, "/finetune", **PHONE, is_mobile=True, has_touch=True)
    phone.locator(".stPlotlyChart .legend").first.wait_for(timeout=READY)
    assert phone.evaluate(CROSSED)["shown"] == "none"
