"""Frozen or fine-tuned in a real browser: the real MiniLM is trained on a few labels, compared, taken away, deleted."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

READY = 180_000
OPENINGS = (
    "I would like",
    "We had",
    "They brought",
    "She asked for",
    "He talked about",
    "There was",
    "You chose",
    "Who had",
)
SUBJECTS = {
    "food": "hot soup|fresh bread|grilled fish|a bowl of rice",
    "weather": "heavy rain|a strong storm|thick fog|icy winds",
    "music": "a violin solo|an opera singer|drum rhythms|guitar chords",
}


def labelled() -> bytes:
    """96 short texts of three subjects."""
    rows = [
        f"{opening} {thing},{subject}"
        for subject, things in SUBJECTS.items()
        for thing in things.split("|")
        for opening in OPENINGS
    ]
    return ("text,subject\n" + "\n".join(rows)).encode()


def press(page: Any, name: str) -> None:
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name, exact=True)).first.click()


def test_a_model_is_trained_compared_taken_away_and_deleted(visit: Callable[..., Any]) -> None:
    page = visit("/texts")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "subjects.csv", "mimeType": "text/csv", "buffer": labelled()}
    )
    page.get_by_role("button", name="Map 96 texts").click(timeout=READY)
    page.get_by_role("link", name="Frozen or fine-tuned?").click()
    page.get_by_role("heading", name="Frozen or fine-tuned?").wait_for()
    press(page, "Frozen")
    page.get_by_text("linear probe").first.wait_for(timeout=READY)
    page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=READY)
    press(page, "Fine-tune")
    page.get_by_role("button", name="Settings", exact=True).click()
    for setting, usual in (("Learning rate", "What suits the loss"), ("Layers to train", "What suits the loss")):
        shown = page.get_by_test_id("stSelectbox").filter(has_text=setting)
        assert usual in shown.inner_text() + shown.get_by_role("combobox").input_value()
    page.keyboard.press("Escape")
    page.get_by_label("Name of the new model").fill("subjects-tuned")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("finished, trained for").wait_for(timeout=READY)

    press(page, "Side by side")
    page.get_by_text("linear-probe accuracy").first.wait_for(timeout=READY)
    press(page, "Forgotten")
    page.get_by_text("Agreement with the grades, fine-tuned").first.wait_for(timeout=READY)
    press(page, "Advice")
    page.get_by_text("The roads there are").wait_for(timeout=READY)

    press(page, "Fine-tune")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    packed = zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert {"subjects-tuned/modules.json", "subjects-tuned/README.md"} <= set(packed.namelist())
    assert any(name.endswith("model.safetensors") for name in packed.namelist())
    page.get_by_role("button", name="Use", exact=True).click()
    page.get_by_role("link", name="Map", exact=True).click()
    page.get_by_text("rust this map").first.wait_for(timeout=READY)
    assert page.locator("[data-testid=stSidebar]").get_by_text("subjects-tuned").count()

    page.get_by_role("link", name="Frozen or fine-tuned?").click()
    page.get_by_role("button", name="Delete", exact=True).click(timeout=READY)
    page.get_by_role("button", name="Delete it").click()
    page.get_by_text("subjects-tuned").first.wait_for(state="detached")
    page.get_by_role("link", name="Models", exact=True).click()
    page.get_by_role("heading", name="Models").wait_for()
    assert page.get_by_text("subjects-tuned").count() == 0
