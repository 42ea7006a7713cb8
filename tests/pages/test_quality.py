"""The page Quality: findings, decisions and what can be taken away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from embedlab.check.plan import Decided, Decision, Plan
from embedlab.corpus import Column, Corpus
from pages.check import jobs as check_jobs
from tests.check.faulty import COPY, NEAR, VISA, WRONG, faulty
from tests.pages.driving import button, run, said, settled, tickets

PAGE = "check/page.py"

pytestmark = pytest.mark.usefixtures("fresh")


def opened(corpus: Corpus | None = None) -> AppTest:
    return run(corpus or faulty(), PAGE)


def pills(at: AppTest) -> object:
    return next(one for one in at.get("button_group") if str(one.key).startswith("check-finding"))


def look_at(at: AppTest, key: str) -> AppTest:
    pills(at).set_value(key)  # type: ignore[attr-defined]
    return settled(at.run())


def decided(at: AppTest) -> Decided:
    corpus = at.session_state["corpus"]
    found: Decided = at.session_state["decided"][corpus.fingerprint]
    return found


def left_out(at: AppTest) -> frozenset[int]:
    made = at.session_state["check-planned"][2]
    assert isinstance(made, Plan)
    return made.dropped


def press(at: AppTest, key: str) -> AppTest:
    next(one for one in at.button if one.key == key).click()
    return settled(at.run())


def test_the_worst_finding_is_shown_and_what_all_come_to_is_said() -> None:
    at = opened()
    assert "Fail.] Not to be built on as they are: leaks" in said(at).replace("\\", "")
    assert "texts stand among those to learn from too" in said(at)
    assert button(at, "Take all from the training side (2)")
    assert not at.error


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("near-duplicates", "nearly repeats another one"),
        ("labels", "to go. Keys"),
        ("leaks", "among those to learn from too"),
        ("personal", "personal data"),
        ("outliers", "far from all others"),
        ("properties", "Out of the ordinary"),
        ("segments", "In no cluster"),
        ("blurred", "The model tells all texts apart"),
        ("cut", "No text looks cut"),
    ],
)
def test_every_finding_is_drawn(key: str, sentence: str) -> None:
    at = look_at(opened(), key)
    assert sentence in said(at)
    assert not at.error
    assert not at.exception


def test_what_is_decided_is_listed_and_can_be_taken_back() -> None:
    at = press(look_at(opened(), "exact"), "check-act-exact")
    assert left_out(at) == {0}  # the copy is held out, so it stays
    assert "Decided: 1 left out" in said(at)
    at = press(look_at(at, "near-duplicates"), "check-act-near-duplicates")
    assert left_out(at) == {0, 13}
    at = press(at, "check-back")
    assert decided(at) == {}
    assert "Nothing is decided yet" in said(at)


def test_three_findings_that_point_at_the_same_texts_lose_none() -> None:
    at = opened()
    for key in ("exact", "near-duplicates", "leaks"):
        at = look_at(at, key)
        assert ("All of them are left out already" in said(at)) is (key == "leaks")
        at = press(at, f"check-act-{key}")
    assert left_out(at) == {0, 13}
    assert {COPY, NEAR}.isdisjoint(left_out(at))
    # Of one finding alone: what the others do stays done.
    at = press(because_of(at, "exact"), "check-back")
    assert left_out(at) == {0, 13}
    at = press(because_of(at, "leaks"), "check-back")
    assert left_out(at) == {13}


def because_of(at: AppTest, key: str) -> AppTest:
    next(one for one in at.get("button_group") if str(one.key).startswith("check-of")).set_value(key)
    return settled(at.run())


def test_what_is_usual_is_never_offered_first() -> None:
    """Every second text holds a web address, every fifth repeats another one."""
    words = ("alpha", "bravo", "carol", "delta", "early", "frost", "giant", "hotel")
    texts = [f"{words[at % 8]} {words[at // 8]} number{at}{' https://example.com' * (at % 2)}" for at in range(64)]
    at = look_at(opened(Corpus.of([*texts, *texts[:16]])), "exact")
    assert "So many (20 %) may be how these texts are" in said(at).replace("\\", "")
    assert next(one for one in at.button if one.key == "check-act-exact").proto.type == "secondary"
    at = look_at(at, "properties")
    assert "hold a web address" in said(at)
    assert not any(one.key == "check-act-properties" for one in at.button)


def test_labels_are_accepted_kept_and_skipped_one_by_one() -> None:
    at = look_at(opened(), "labels")
    before = len(next(iter(at.session_state["decided"].values())))
    assert before == 0
    assert faulty().texts[WRONG] in said(at)
    at = press(at, "check-accept")
    assert decided(at)[WRONG, "labels"].value == "a"
    assert "1 relabelled" in said(at)


def test_a_label_that_is_kept_is_logged() -> None:
    at = press(look_at(opened(), "labels"), "check-keep")
    assert decided(at)[WRONG, "labels"].action == "keep"
    assert "1 decided" in said(at) or "All decided" in said(at)  # it is not asked about again


def test_the_last_word_on_a_label_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_jobs.st, "session_state", {})
    corpus = faulty()
    check_jobs.decide(corpus, [Decision(WRONG, "labels", "keep", "right")])
    check_jobs.decide(corpus, [Decision(WRONG, "labels", "relabel", "wrong", "a"), Decision(COPY, "exact", "spare")])
    assert [one.action for one in check_jobs.decided(corpus).values()] == ["relabel", "spare"]
    check_jobs.decide(corpus, [Decision(WRONG, "labels", "keep", "right after all")])
    assert [one.action for one in check_jobs.decided(corpus).values()] == ["keep", "spare"]


def test_a_label_that_is_skipped_comes_again() -> None:
    at = press(look_at(opened(), "labels"), "check-skip")
    assert decided(at) == {}
    assert "1 skipped" in said(at) or "All seen" in said(at)
    while not any(one.key == "check-again" for one in at.button):
        at = press(at, "check-skip")
    at = press(at, "check-again")
    assert faulty().texts[WRONG] in said(at)


def test_the_corrected_texts_can_be_gone_on_with() -> None:
    at = press(look_at(opened(), "exact"), "check-act-exact")
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
