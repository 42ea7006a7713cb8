"""What all decisions come to together: no text is lost, nothing is left out for what leaves, and all can be undone."""

from __future__ import annotations

import time
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedlab.check.duplicates import Duplicates
from embedlab.check.plan import Change, Decision, Plan, corrected, plan
from embedlab.corpus import Column, Corpus
from embedlab.corpus.split import held_out_first

TEST, TRAIN, NEITHER = 0, 2, 3
REPEATS: tuple[str, ...] = ("exact", "near-duplicates", "leaks")


def repeated(*exact: list[int], pairs: dict[tuple[int, int], float] | None = None) -> Duplicates:
    found = sorted((pairs or {}).items(), key=lambda one: -one[1])
    return Duplicates(
        tuple(map(np.array, exact)),
        np.array([pair for pair, _ in found], dtype=np.intp).reshape(-1, 2),
        np.array([value for _, value in found], dtype=np.float64),
    )


def corpus(count: int) -> Corpus:
    return Corpus.of([f"text {row}" for row in range(count)])


def spare(found: str, *rows: int, threshold: float = 0.9) -> list[Decision]:
    return [Decision(row, found, "spare", threshold=threshold) for row in rows]


def left(planned: Plan) -> dict[int, int | None]:
    """Return which text leaves for which."""
    return {one.row: one.stays for one in planned.changes if one.action == "drop"}


# --- By hand -------------------------------------------------------------------------------------


def test_of_copies_the_first_stays_and_the_held_out_one_before_it() -> None:
    found = repeated([0, 2, 3])
    decided = spare("exact", 0, 2, 3)
    assert left(plan(corpus(4), found, decided)) == {2: 0, 3: 0}
    ranks = np.array([TRAIN, TRAIN, TRAIN, TEST])
    planned = plan(corpus(4), found, decided, ranks)
    assert left(planned) == {0: 3, 2: 3}
    assert [one.why for one in planned.changes] == ["repeats row 4, which is held out"] * 2


def test_both_copies_never_leave_although_two_findings_point_at_each_other() -> None:
    """0, a held-out text, is copied at 1; both nearly repeat 2, the one that most others nearly repeat."""
    found = repeated([0, 1], pairs={(0, 2): 0.93, (2, 3): 0.95})
    ranks = np.array([TEST, TRAIN, TRAIN, TRAIN])
    decided = [*spare("exact", 0, 1), *spare("near-duplicates", 0, 1, 2, 3), *spare("leaks", 0, 1, 2)]
    planned = plan(corpus(4), found, decided, ranks)
    assert left(planned) == {1: 0, 2: 0}
    assert [one.why for one in planned.changes] == [
        "repeats row 1, which is held out", "nearly repeats row 1, which is held out (0.93 alike)",
    ]  # fmt: skip
    assert planned.changes[0].found == ("exact", "leaks")
    # 3 was like 2 only: it stays, for what it says is said nowhere else.
    assert 3 not in planned.dropped


def test_the_text_that_most_others_nearly_repeat_stays() -> None:
    found = repeated(pairs={(0, 1): 0.95, (1, 2): 0.94})
    assert left(plan(corpus(3), found, spare("near-duplicates", 0, 1, 2))) == {0: 1, 2: 1}
    # No chain: 0 and 2 are not that alike.
    assert left(plan(corpus(3), found, spare("near-duplicates", 0, 2))) == {}


def test_a_chain_of_small_changes_joins_no_texts_that_differ() -> None:
    found = repeated(pairs={(0, 1): 0.95, (1, 2): 0.94, (2, 3): 0.93, (3, 4): 0.92})
    assert left(plan(corpus(5), found, spare("near-duplicates", *range(5)))) == {0: 1, 2: 1, 4: 3}


def test_a_held_out_text_leaves_for_a_copy_alone() -> None:
    found = repeated([0, 3], pairs={(0, 1): 0.95, (1, 2): 0.94})
    ranks = np.array([TEST, TEST, TRAIN, TEST])
    decided = [*spare("exact", 0, 3), *spare("near-duplicates", 0, 1, 2, 3)]
    assert left(plan(corpus(4), found, decided, ranks)) == {2: 1, 3: 0}


def test_where_the_one_that_stayed_is_left_out_by_hand_another_stays() -> None:
    found = repeated([0, 3, 4], pairs={(0, 1): 0.95, (0, 2): 0.94, (1, 2): 0.92})
    decided = [*spare("exact", 0, 3, 4), *spare("near-duplicates", 0, 1, 2, 3, 4)]
    assert left(plan(corpus(5), found, decided)) == {1: 0, 2: 0, 3: 0, 4: 0}
    by_hand = [*decided, *(Decision(row, "outliers", "drop", "lies far") for row in (0, 3, 4))]
    planned = plan(corpus(5), found, by_hand)
    assert left(planned) == {0: None, 2: 1, 3: None, 4: None}
    assert planned.changes[0] == Change(0, "drop", "lies far", found=("outliers",))
    assert left(plan(corpus(5), found, [*decided, *by_hand[-2:-1]])) == {1: 0, 2: 0, 3: None, 4: 0}


def test_a_leak_takes_only_from_the_training_side() -> None:
    found = repeated([0, 1, 2, 5], pairs={(3, 4): 0.92})
    ranks = np.array([TRAIN, TEST, TEST, TEST, TRAIN, NEITHER])
    planned = plan(corpus(6), found, spare("leaks", 0, 1, 2, 3, 4, 5), ranks)
    assert left(planned) == {0: 1, 4: 3}
    assert [one.why for one in planned.changes] == [
        "repeats row 2, which is held out", "nearly repeats row 4, which is held out (0.92 alike)",
    ]  # fmt: skip
    assert left(plan(corpus(6), found, spare("leaks", 0, 1, 2, 3, 4, threshold=0.95), ranks)) == {0: 1}


def test_words_in_another_order_are_no_copy() -> None:
    (change,) = plan(corpus(2), repeated(pairs={(0, 1): 1.0}), spare("near-duplicates", 0, 1)).changes
    assert change.why == "nearly repeats row 1 (1.00 alike)"


def test_the_threshold_decided_counts_for_both() -> None:
    found = repeated(pairs={(0, 1): 0.85})
    loose, strict = spare("near-duplicates", 0, threshold=0.8), spare("near-duplicates", 1, threshold=0.9)
    assert left(plan(corpus(2), found, [*loose, *strict])) == {}
    assert left(plan(corpus(2), found, [*loose, *spare("near-duplicates", 1, threshold=0.85)])) == {1: 0}


def test_a_text_taken_back_stays_and_so_does_what_stayed_for_it() -> None:
    found = repeated([0, 1, 2])
    decided = spare("exact", 0, 1, 2)
    assert left(plan(corpus(3), found, [one for one in decided if one.row != 1])) == {2: 0}


def test_a_text_that_leaves_needs_no_other_change() -> None:
    found = repeated([0, 1])
    decided = [
        *spare("exact", 0, 1), Decision(0, "labels", "relabel", "likelier", "b"), Decision(1, "personal", "mask", "it"),
    ]  # fmt: skip
    planned = plan(corpus(2), found, decided)
    assert [(one.row, one.action, one.value) for one in planned.changes] == [(0, "relabel", "b"), (1, "drop", "")]


def test_reasons_by_hand_are_all_said() -> None:
    decided = [Decision(0, "outliers", "drop", "lies far"), Decision(0, "properties", "drop", "very short")]
    assert plan(corpus(1), repeated(), decided).changes == (
        Change(0, "drop", "lies far; very short", found=("outliers", "properties")),
    )


def test_what_gives_way_to_what() -> None:
    values = ["train", "dev", "test", None, "Validation", "TRAIN"]
    column = Column("split", "category", np.array(values, dtype=object))
    assert held_out_first(column).tolist() == [2, 1, 0, 3, 1, 2]
    column = Column("split", "category", np.array(["train", "dev", None], dtype=object))
    assert held_out_first(column).tolist() == [2, 0, 3]


# --- Over whatever there may be ------------------------------------------------------------------


@st.composite
def cases(draw: st.DrawFn) -> tuple[Duplicates, np.ndarray, list[Decision]]:
    """Return texts of which some are copies and some nearly so, on two sides or neither, and decisions on them."""
    count = draw(st.integers(2, 12))
    texts = draw(st.lists(st.integers(0, 7), min_size=count, max_size=count))
    by_text: dict[int, list[int]] = {}
    for row, text in enumerate(texts):
        by_text.setdefault(text, []).append(row)
    firsts = [rows[0] for rows in by_text.values()]
    possible = [(a, b) for a in firsts for b in firsts if a < b]
    near = draw(st.lists(st.sampled_from(possible), unique=True)) if possible else []
    pairs = {pair: draw(st.sampled_from([0.75, 0.85, 0.92, 1.0])) for pair in near}
    found = repeated(*(rows for rows in by_text.values() if len(rows) > 1), pairs=pairs)
    ranks = np.array(draw(st.lists(st.sampled_from([TEST, 1, TRAIN, NEITHER]), min_size=count, max_size=count)))
    row = st.integers(0, count - 1)
    spared = st.builds(
        lambda at, key, threshold: Decision(at, key, "spare", threshold=threshold),
        row, st.sampled_from(REPEATS), st.sampled_from([0.7, 0.9]),
    )  # fmt: skip
    by_hand = st.builds(lambda at: Decision(at, "outliers", "drop", "lies far"), row)
    others = st.builds(lambda at: Decision(at, "labels", "relabel", "likelier", "b"), row)
    pressed = draw(st.sets(st.sampled_from(REPEATS)))  # buttons that decide about all texts
    threshold = draw(st.sampled_from([0.7, 0.9]))
    decided = [Decision(at, key, "spare", threshold=threshold) for key in sorted(pressed) for at in range(count)]
    decided += draw(st.lists(st.one_of(spared, spared, by_hand, others), max_size=12))
    return found, ranks, list({one.key: one for one in decided}.values())


def likeness(found: Duplicates, one: int, other: int) -> float:
    """Return 2 for copies, else how alike two texts are, 0 where nobody said so."""
    a, b = (found.firsts.get(row, row) for row in (one, other))
    return 2.0 if a == b else dict(found.alike.get(a, ())).get(b, 0.0)


def may_leave(found: Duplicates, ranks: np.ndarray, decided: list[Decision], row: int, other: int) -> bool:
    """Whether a text was decided to be spared for another one, by the definition."""
    by_key = {one.key: one for one in decided if one.action == "spare"}
    alike = likeness(found, row, other)
    for key in REPEATS:
        if (row, key) in by_key and (other, key) in by_key:
            least = max(by_key[row, key].threshold, by_key[other, key].threshold)
            if key == "exact" and alike == 2:
                return True
            if key == "near-duplicates" and least <= alike < 2 and ranks[row] != TEST:
                return True
            if key == "leaks" and alike >= least and ranks[other] == TEST and ranks[row] in (1, TRAIN):
                return True
    return False


@settings(max_examples=400, deadline=None)
@given(cases())
def test_no_text_is_lost_and_every_reason_holds(case: tuple[Duplicates, np.ndarray, list[Decision]]) -> None:
    found, ranks, decided = case
    planned = plan(corpus(len(ranks)), found, decided, ranks)
    stay = set(range(len(ranks))) - planned.dropped
    by_hand = {one.row for one in decided if one.action == "drop"}
    for row, instead in left(planned).items():
        if row in by_hand:
            assert instead is None
            continue
        assert instead in stay  # so that reasons neither form a circle nor a chain
        assert may_leave(found, ranks, decided, row, instead)
        assert ranks[instead] <= ranks[row]  # a held-out text never leaves for one to learn from
    # Of texts that stay, no two were decided to say the same.
    for row in stay:
        assert not any(
            may_leave(found, ranks, decided, row, other) and ranks[other] <= ranks[row] for other in stay - {row}
        )
    # Of copies at least one stays, or one that nearly repeats them, or all were left out by hand.
    for rows in found.exact:
        group = set(rows.tolist())
        if not group & stay and not group <= by_hand:
            assert any(likeness(found, row, other) >= 0.7 for row in group for other in stay)
    # Of held-out texts none is lost, but by hand.
    for rows in (*found.exact, *([row] for row in range(len(ranks)) if row not in found.firsts)):
        held_out = {int(row) for row in rows if ranks[row] == TEST}
        assert not held_out or held_out & stay or held_out <= by_hand
    # Of copies of which no more was decided than that they are copies one stays in any case.
    if all(one.found == "exact" for one in decided):
        assert all(set(rows.tolist()) & stay for rows in found.exact)


@settings(max_examples=200, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_orders_and_take_backs_leave_no_trace(
    case: tuple[Duplicates, np.ndarray, list[Decision]], random: Random
) -> None:
    found, ranks, decided = case
    texts = corpus(len(ranks))
    whole = plan(texts, found, decided, ranks)
    shuffled = list(decided)
    random.shuffle(shuffled)
    assert plan(texts, found, shuffled, ranks).changes == whole.changes
    # Decided one after the other, and taken back in another order: each state is that of what is left.
    known: dict[tuple[int, str], Decision] = {}
    for one in decided:
        known[one.key] = one
    states = {}
    for one in shuffled:
        states[one.key] = plan(texts, found, known.values(), ranks)
        del known[one.key]
    for one in reversed(shuffled):
        known[one.key] = one
        assert plan(texts, found, known.values(), ranks).changes == states[one.key].changes


@settings(max_examples=200, deadline=None)
@given(cases())
def test_taking_back_a_text_that_left_restores_it_alone(case: tuple[Duplicates, np.ndarray, list[Decision]]) -> None:
    found, ranks, decided = case
    texts = corpus(len(ranks))
    whole = plan(texts, found, decided, ranks)
    for change in whole.changes:
        if change.stays is not None:
            fewer = plan(texts, found, [one for one in decided if one.row != change.row], ranks)
            assert fewer.dropped == whole.dropped - {change.row}


@settings(max_examples=100, deadline=None)
@given(cases())
def test_the_log_has_a_line_for_every_change(case: tuple[Duplicates, np.ndarray, list[Decision]]) -> None:
    found, ranks, decided = case
    labels = Column("label", "category", np.array(["a"] * len(ranks), dtype=object))
    texts = Corpus("made up", corpus(len(ranks)).texts, (labels,))
    planned = plan(texts, found, decided, ranks)
    made = corrected(texts, planned, label="label")
    assert len(made.corpus) == len(texts) - len(planned.dropped)
    assert [line[0] for line in made.log if line[1] == "drop"] == [row + 1 for row in sorted(planned.dropped)]
    stay = {row + 1 for row in made.corpus.rows.tolist()}
    for line in made.log:
        assert line[4]
        assert line[5] == "" or line[5] in stay
    changed = {line[0] - 1 for line in made.log if line[1] == "relabel"}
    values = made.corpus.column("label").values
    assert {int(row) for row, value in zip(made.corpus.rows, values, strict=True) if value == "b"} == changed


@pytest.mark.parametrize("half", [20_000])
def test_many_copies_take_no_square_of_time(half: int) -> None:
    found = repeated(list(range(2 * half)))
    ranks = np.array([TRAIN] * half + [TEST] * half)
    decided = [*spare("exact", *range(2 * half)), *spare("leaks", *range(2 * half))]
    start = time.perf_counter()
    assert len(plan(corpus(2 * half), found, decided, ranks).dropped) == 2 * half - 1
    assert time.perf_counter() - start < 10
