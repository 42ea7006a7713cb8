"""What was found, line by line."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.check.base import Checked, masking
from embedlab.check.duplicates import differing
from embedlab.check.findings import FINDINGS
from embedlab.check.personal import personal
from embedlab.check.plan import corrected, plan
from embedlab.corpus import Column, Corpus
from embedlab.space.embedding import embed
from tests.check.faulty import CARD, COPY, NEAR, ODD, VISA, WRONG, faulty
from tests.check.looking import looked_at
from tests.conftest import LetterEncoder


@pytest.fixture(scope="module")
def made() -> Checked:
    corpus = faulty()
    space = embed(corpus, LetterEncoder(), None)
    return looked_at(space, corpus.column("topic"), corpus.column("side")).at(0.85)


def test_every_finding_has_lines_as_wide_as_its_heads(made: Checked) -> None:
    for kind in FINDINGS:
        found = made.lines(kind.key)
        assert all(len(line.cells) == len(found.heads) for line in found.lines)


def test_a_copy_is_left_out_for_the_first(made: Checked) -> None:
    (line,) = made.lines("exact").lines
    assert line.rows == (0, COPY)
    assert line.cells == (2, faulty().texts[0], "101, 137")
    assert {(one.row, one.found, one.action) for one in line.proposed} == {
        (0, "exact", "spare"), (COPY, "exact", "spare"),
    }  # fmt: skip


def test_a_near_copy_is_left_out_for_the_one_that_is_kept(made: Checked) -> None:
    (line,) = made.lines("near-duplicates").lines
    assert set(line.rows) == {13, NEAR}
    assert line.proposed[0].row == line.rows[0]


def test_a_wrong_label_becomes_the_likelier_one(made: Checked) -> None:
    line = made.lines("labels").lines[0]
    assert line.rows[0] == WRONG
    assert line.cells[1:3] == ("b", "a")
    assert line.proposed[0].value == "a"
    assert all(row < 12 for row in line.rows[1:])  # its neighbours, of the same topic


def test_a_leak_is_taken_from_the_training_side(made: Checked) -> None:
    listed = made.lines("leaks")
    assert [line.rows for line in listed.lines] == [(COPY, 0), (NEAR, 13)]
    assert {one.row for one in listed.proposed()} == {COPY, 0, NEAR, 13}
    planned = plan(faulty(), made.duplicates, listed.proposed(), made.ranks)
    assert [(one.row, one.stays) for one in planned.changes] == [(0, COPY), (13, NEAR)]


def test_all_copies_of_a_held_out_text_leave_the_training_side() -> None:
    """A line names twenty of them at most."""
    texts = ["the same words"] * 60 + [f"{'xyz'[at % 3] * 4} number {at}" for at in range(20)]
    sides = np.array([*["train"] * 50, *["test"] * 10, *["train"] * 20], dtype=object)
    corpus = Corpus("made up", tuple(texts), (Column("split", "category", sides),))
    checked = looked_at(embed(corpus, LetterEncoder(), None), None, corpus.column("split"))
    listed = checked.lines("leaks")
    assert len(listed.lines[0].rows) < 30
    planned = plan(corpus, checked.duplicates, listed.proposed(listed.lines[3:4]), checked.ranks)
    assert planned.dropped == set(range(50))


def test_personal_data_are_shown_masked(made: Checked) -> None:
    (line,) = made.lines("personal").lines
    assert line.cells[0] == "card number"
    assert line.cells[2] == CARD + 101
    assert VISA not in " ".join(map(str, line.cells))
    assert line.proposed[0].why == "holds a card number"


def test_only_flagged_lines_are_decided_together(made: Checked) -> None:
    found = made.lines("outliers")
    flagged = {line.rows[0] for line in found.lines if line.flagged}
    assert flagged == set(made.outliers.flagged.tolist())
    assert ODD in flagged
    assert {one.row for one in found.proposed()} == flagged
    assert found.proposed(found.lines[-1:])[0].row == found.lines[-1].rows[0]
    # The farthest come along, to be compared with.
    assert sorted(row for line in found.lines for row in line.rows) == list(range(made.texts))


def test_all_that_is_proposed_can_be_done(made: Checked) -> None:
    corpus = faulty()
    proposed = [one for found in made.findings for one in made.lines(found.key).proposed()]
    planned = plan(corpus, made.duplicates, proposed, made.ranks)
    done = corrected(corpus, planned, made.personal, "topic")
    # The copy is held out, but left out by hand for its capitals: so the text in training stays for it.
    assert {COPY, 13, ODD} <= planned.dropped
    assert {0, NEAR}.isdisjoint(planned.dropped)
    assert len(done.corpus) == len(corpus) - len(planned.dropped)
    assert {line[0] for line in done.log if line[1] == "drop"} == {row + 101 for row in planned.dropped}
    assert VISA not in " ".join(done.corpus.texts)


def test_masking_hides_all_of_it_and_cuts() -> None:
    texts = ["write to jane.doe@example.org or to joe@example.org today", "nothing"]
    shown = masking(texts, personal(texts))
    assert shown(0) == "write to j•••@•••.org or to j•••@•••.org today"
    assert shown(1) == "nothing"
    assert masking(texts, (), 7)(0) == "write…"


def test_words_that_differ() -> None:
    left, right = differing("How do I top up my card", "how can I top up card")
    assert left == (("How", True), ("do", False), ("I top up", True), ("my", False), ("card", True))
    assert right == (("how", True), ("can", False), ("I top up", True), ("card", True))
    assert differing("", "a") == ((), (("a", False),))
