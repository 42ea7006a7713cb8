"""The page Quality: findings, decisions and what can be taken away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from embedlab.check.decisions import Decision
from embedlab.corpus import Column, Corpus
from pages.shared import checking
from tests.check.faulty import COPY, NEAR, VISA, WRONG, faulty
from tests.pages.driving import button, run, said, settled, tickets

PAGE = "check/quality.py"

pytestmark = pytest.mark.usefixtures("fresh")


def opened(corpus: Corpus | None = None) -> AppTest:
    return run(corpus or faulty(), PAGE)


def pills(at: AppTest) -> object:
    return next(one for one in at.get("button_group") if str(one.key).startswith("check-finding"))


def look_at(at: AppTest, key: str) -> AppTest:
    pills(at).set_value(key)  # type: ignore[attr-defined]
    return settled(at.run())


def decided(at: AppTest) -> checking.Decided:
    corpus = at.session_state["corpus"]
    found: checking.Decided = at.session_state["decided"][corpus.fingerprint]
    return found


def press(at: AppTest, key: str) -> AppTest:
    next(one for one in at.button if one.key == key).click()
    return settled(at.run())


def test_the_first_finding_with_something_in_it_is_shown() -> None:
    at = opened()
    assert "1 text repeats an earlier one" in said(at)
    assert button(at, "Keep one of each (1)")
    assert not at.error


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("near-duplicates", "of their words or more"),
        ("labels", "to go. Keys"),
        ("leaks", "among those to learn from too"),
        ("personal", "personal data"),
        ("outliers", "far from all others"),
        ("properties", "Out of the ordinary"),
        ("segments", "In no cluster"),
        ("blurred", "nearly the same vector"),
    ],
)
def test_every_finding_is_drawn(key: str, sentence: str) -> None:
    at = look_at(opened(), key)
    assert sentence in said(at)
    assert not at.error
    assert not at.exception


def test_what_is_decided_is_listed_and_can_be_taken_back() -> None:
    at = press(opened(), "check-act-exact")
    assert set(decided(at)) == {(COPY, "drop")}
    assert "Decided: 1 left out" in said(at)
    at = look_at(at, "near-duplicates")
    at = press(at, "check-act-near-duplicates")
    assert {row for row, _ in decided(at)} & {13, NEAR}
    at = press(at, "check-back")
    assert decided(at) == {}
    assert "Nothing is decided yet" in said(at)


def test_labels_are_accepted_kept_and_skipped_one_by_one() -> None:
    at = look_at(opened(), "labels")
    before = len(next(iter(at.session_state["decided"].values())))
    assert before == 0
    assert faulty().texts[WRONG] in said(at)
    at = press(at, "check-accept")
    assert decided(at)[WRONG, "relabel"].value == "a"
    assert "1 relabelled" in said(at)


def test_a_label_that_is_kept_is_logged() -> None:
    at = press(look_at(opened(), "labels"), "check-keep")
    assert set(decided(at)) == {(WRONG, "keep")}
    assert "1 decided" in said(at) or "All decided" in said(at)  # it is not asked about again


def test_the_last_word_on_a_label_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking.st, "session_state", {})
    corpus = faulty()
    checking.decide(corpus, [Decision(WRONG, "keep", "right")])
    checking.decide(corpus, [Decision(WRONG, "relabel", "wrong", "a"), Decision(COPY, "drop", "a copy")])
    assert set(checking.decided(corpus)) == {(WRONG, "relabel"), (COPY, "drop")}
    checking.decide(corpus, [Decision(WRONG, "keep", "right after all")])
    assert set(checking.decided(corpus)) == {(WRONG, "keep"), (COPY, "drop")}


def test_a_label_that_is_skipped_comes_again() -> None:
    at = press(look_at(opened(), "labels"), "check-skip")
    assert decided(at) == {}
    assert "1 skipped" in said(at) or "All seen" in said(at)
    while not any(one.key == "check-again" for one in at.button):
        at = press(at, "check-skip")
    at = press(at, "check-again")
    assert faulty().texts[WRONG] in said(at)


def test_the_corrected_texts_can_be_gone_on_with() -> None:
    at = press(opened(), "check-act-exact")
    at = press(look_at(at, "personal"), "check-act-personal")
    at = press(at, "check-apply")
    corpus = at.session_state["corpus"]
    assert len(corpus) == len(faulty()) - 1
    assert VISA not in " ".join(corpus.texts)
    assert not at.error


def test_the_threshold_moves_the_count() -> None:
    at = look_at(opened(), "near-duplicates")
    slider = next(one for one in at.slider if one.key == "check-threshold")
    slider.set_value(1.0)
    at = settled(at.run())
    assert "share 100 % of their words" in said(at)
    assert "Nothing of this kind was found" in said(at)


def test_only_what_concerns_a_selection() -> None:
    at = opened()
    at.session_state["touched"] = type(at.session_state["touched"])(
        at.session_state["corpus"].fingerprint, np.array([1, 2]), "lasso"
    )
    at = settled(at.run())
    assert "Only what concerns the 2 texts selected on the map" in said(at)
    assert "Nothing to show here" in said(at) or "Nothing of this kind" in said(at)


@pytest.mark.parametrize(
    "texts",
    [("one",), ("same",) * 5, ("😀", "😀😀", "🎉"), ("a", "b"), ("", " ") + ("x",) * 3, ("\ud800", "ab", "abc")],
)
def test_any_texts_have_a_page(texts: tuple[str, ...]) -> None:
    at = opened(Corpus.of([text for text in texts if text.strip()]))
    for key in pills(at).options:  # type: ignore[attr-defined]
        assert key
    assert not at.error
    assert not at.exception


def test_labels_that_can_not_be_checked_are_said() -> None:
    corpus = tickets()
    one = Column("one", "category", np.array(["same"] * len(corpus), dtype=object))
    at = opened(replace(corpus, columns=(*corpus.columns, one), label="one"))
    assert "Labels were not checked" in said(at)
    assert not any("labels" in line for line in pills(at).options)  # type: ignore[attr-defined]
    assert not at.error
