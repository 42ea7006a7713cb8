"""What was found, line by line."""

from __future__ import annotations

import numpy as np
import pytest

from embedlab.check.decisions import corrected
from embedlab.check.differing import differing
from embedlab.check.languages import UNSURE, languages, spoken
from embedlab.check.listing import Listing, listing, masking
from embedlab.check.personal import personal
from embedlab.check.quality import TITLES, Checked, Key, check, findings
from embedlab.corpus import Corpus
from embedlab.space.clusters import cluster
from embedlab.space.embedding import embed
from embedlab.space.names import ClusterNames, name_clusters
from embedlab.space.neighbours import neighbours
from embedlab.space.words import vocabulary
from tests.check.faulty import CARD, COPY, NEAR, ODD, VISA, WRONG, faulty
from tests.conftest import LetterEncoder

Made = tuple[Corpus, Checked, ClusterNames]


@pytest.fixture(scope="module")
def made() -> Made:
    corpus = faulty()
    space = embed(corpus, LetterEncoder(), None)
    near = neighbours(space)
    clusters = cluster(near)
    names = name_clusters(clusters, vocabulary(corpus.texts), space.vectors)
    checked = check(space, near, clusters, corpus.column("topic"), corpus.column("side"))
    return corpus, checked, names


def lines(made: Made, key: Key) -> Listing:
    corpus, checked, names = made
    return listing(checked, key, corpus, 0.85, names)


def test_every_finding_has_lines_as_wide_as_its_heads(made: Made) -> None:
    for key in TITLES:
        found = lines(made, key)
        assert all(len(line.cells) == len(found.heads) for line in found.lines)


def test_a_copy_is_left_out_for_the_first(made: Made) -> None:
    (line,) = lines(made, "exact").lines
    assert line.rows == (0, COPY)
    assert line.cells == (2, made[0].texts[0], "101, 137")
    (decision,) = line.proposed
    assert (decision.row, decision.action, decision.why) == (COPY, "drop", "repeats row 101")


def test_a_near_copy_is_left_out_for_the_one_that_is_kept(made: Made) -> None:
    (line,) = lines(made, "near-duplicates").lines
    assert set(line.rows) == {13, NEAR}
    assert line.proposed[0].row == line.rows[0]


def test_a_wrong_label_becomes_the_likelier_one(made: Made) -> None:
    line = lines(made, "labels").lines[0]
    assert line.rows[0] == WRONG
    assert line.cells[1:3] == ("b", "a")
    assert line.proposed[0].value == "a"
    assert all(row < 12 for row in line.rows[1:])  # its neighbours, of the same topic


def test_a_leak_is_taken_from_the_training_side(made: Made) -> None:
    found = {line.rows: line.proposed[0].row for line in lines(made, "leaks").lines}
    assert found == {(COPY, 0): 0, (NEAR, 13): 13}


def test_personal_data_are_shown_masked(made: Made) -> None:
    (line,) = lines(made, "personal").lines
    assert line.cells[0] == "card number"
    assert line.cells[2] == CARD + 101
    assert VISA not in " ".join(map(str, line.cells))
    assert line.proposed[0].why == "holds a card number"


def test_only_flagged_lines_are_decided_together(made: Made) -> None:
    found = lines(made, "outliers")
    flagged = {line.rows[0] for line in found.lines if line.flagged}
    assert flagged == set(made[1].outliers.flagged.tolist())
    assert ODD in flagged
    assert {one.row for one in found.proposed()} == flagged
    assert found.proposed([len(found.lines) - 1])[0].row == found.lines[-1].rows[0]
    assert len(found.lines) == len(made[0])  # the farthest come along, to be compared with


def test_all_that_is_proposed_can_be_done(made: Made) -> None:
    corpus, checked, _ = made
    proposed = [one for found in findings(checked) for one in lines(made, found.key).proposed()]
    done = corrected(corpus, proposed, checked.personal, "topic")
    left_out = {one.row for one in proposed if one.action == "drop"}
    assert len(done.corpus) == len(corpus) - len(left_out)
    assert {line[0] for line in done.log if line[1] == "drop"} == {row + 101 for row in left_out}
    assert VISA not in " ".join(done.corpus.texts)


def test_masking_hides_all_of_it_and_cuts() -> None:
    texts = ["write to jane.doe@example.org or to joe@example.org today", "nothing"]
    shown = masking(texts, personal(texts))
    assert shown(0) == "write to j•••@•••.org or to j•••@•••.org today"
    assert shown(1) == "nothing"
    assert masking(texts, (), 7)(0) == "write t…"


def test_words_that_differ() -> None:
    left, right = differing("How do I top up my card", "how can I top up card")
    assert left == (("How", True), ("do", False), ("I top up", True), ("my", False), ("card", True))
    assert right == (("how", True), ("can", False), ("I top up", True), ("card", True))
    assert differing("", "a") == ((), (("a", False),))


def test_languages() -> None:
    texts = [
        "Where is my parcel? I ordered it last week.",
        "Wo bleibt mein Paket, das ich bestellt habe?",
        "ok",
        "",
        "😀",
    ]
    found = languages([*texts, "\ud800 lone"])
    assert found[:2].tolist() == ["English", "German"]
    assert set(found[2:].tolist()) == {UNSURE}
    assert spoken(np.array(["German", UNSURE, "English", "English", UNSURE, UNSURE], dtype=object)) == (
        ("English", 2), ("German", 1), (UNSURE, 3),
    )  # fmt: skip
