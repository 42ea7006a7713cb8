"""The page that compares two sides, through Streamlit's own test driver."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from embedlab.corpus import Column, Corpus
from tests.pages.driving import run, said, settled

PAGE = "pages/drift/page.py"


def moved(texts: int = 240) -> Corpus:
    """In the second half a fourth of the texts are of a new topic; the year rises."""
    rows = range(texts)
    letters = str.maketrans("0123456789", "efghijklmn")  # so that no two have the same vector
    topics = (("abcd" if row < texts // 2 else "abcq")[row % 4] * 3 for row in rows)
    made = tuple(f"{topic} {f'{row:03}'.translate(letters)}" for row, topic in zip(rows, topics, strict=True))
    years = np.array([2000 + 6 * row // texts for row in rows], dtype=float)
    source = np.array([["web", "mail", "phone"][row % 3] for row in rows], dtype=object)
    split = np.array(["train" if row < texts // 2 else "test" for row in rows], dtype=object)
    return Corpus(
        "moved", made,
        (Column("year", "number", years), Column("source", "category", source), Column("split", "category", split)),
    )  # fmt: skip


def opened(corpus: Corpus | None = None) -> AppTest:
    return run(corpus or moved(), "drift/page.py")


def chosen(at: AppTest, label: str) -> AppTest:
    return next(one for one in (*at.selectbox, *at.segmented_control, *at.slider) if one.label == label)  # type: ignore[return-value]


@pytest.mark.usefixtures("fresh")
def test_train_and_test_are_compared_without_a_question() -> None:
    at = opened()
    text = said(at)
    assert "“train”, 120 texts, against “test”, 120 texts" in text.replace("\\", "")
    assert "Fail" in text
    assert "regions changed beyond chance" in text
    assert "Most typical of “test”" in text.replace("\\", "")
    assert not at.error


@pytest.mark.usefixtures("fresh")
def test_the_curve_is_over_the_column_that_is_cut_or_the_one_that_is_chosen() -> None:
    at = opened()
    assert chosen(at, "Column").value is None  # train and test are no order
    chosen(at, "Column").set_value("year")
    assert "From “2003” on the texts differ" in said(settled(at.run())).replace("\\", "")
    chosen(at, "By").set_value("year")
    at = settled(at.run())
    assert chosen(at, "Column").value == "year"
    assert "From “2003” on the texts differ" in said(at).replace("\\", "")


@pytest.mark.usefixtures("fresh")
def test_thresholds_change_the_verdict_but_not_what_was_found() -> None:
    at = opened()
    before = said(at)
    for slider in at.slider:
        if slider.label.endswith("warn, fail"):
            slider.set_value((1.0, 1.0))
    at.run()
    after = said(settled(at))
    assert "Fail" in before
    assert "Warn" in after  # only that letters alone don't tell some of these texts apart
    assert "regions changed beyond chance" in after


@pytest.mark.usefixtures("fresh")
def test_a_region_is_chosen_and_another_way_of_parting() -> None:
    at = opened()
    regions = chosen(at, "Regions")
    regions.select_index(0)
    at = settled(at.run())
    assert chosen(at, "Regions").value is not None
    chosen(at, "By").set_value("year")
    at = settled(at.run())
    assert "“before 2003”, 120 texts, against “from 2003”, 120 texts" in said(at).replace("\\", "")
    chosen(at, "By").set_value("source")
    at = settled(at.run())
    assert "against" in said(at)
    chosen(at, "After").set_value(chosen(at, "Before").value)
    at = settled(at.run())
    assert any("is on both sides" in error.value.replace("\\", "") for error in at.error)
    assert "can't be told apart beyond chance" not in said(at)


@pytest.mark.usefixtures("fresh")
def test_texts_without_columns_are_compared_with_others() -> None:
    at = opened(Corpus.of([f"{'abc'[row % 3] * 3} {row}" for row in range(60)], "plain"))
    assert "Choose a file, or one of the built-in sets" in said(at)
    other = chosen(at, "Other texts")
    other.set_value(other.options[1])
    at = settled(at.run())
    assert "“plain”, 60 texts, against" in said(at).replace("\\", "")
    assert not at.error


@pytest.mark.usefixtures("fresh")
def test_too_few_texts_are_said_to_be_too_few() -> None:
    at = opened(moved(32))
    assert any("too few to tell a difference from chance" in error.value for error in at.error)


@pytest.mark.usefixtures("fresh")
def test_four_hundred_values_are_offered_by_their_size() -> None:
    tags = np.array([f"tag {'abcdefghij'[row % 10]}{row % 40}" for row in range(400)], dtype=object)
    tags[:60], tags[60:120] = "large", "larger"
    corpus = Corpus(
        "tags", tuple(f"{'ab'[row % 2] * 3} {row}" for row in range(400)), (Column("tag", "category", tags),)
    )
    at = opened(corpus)
    assert len(chosen(at, "Before").options) <= 51
    assert "60 texts, against" in said(at)
    assert not at.error
