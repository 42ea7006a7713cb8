"""The whole check, on texts of every kind of trouble."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.base.progress import Progress, Stopped
from embedlab.check.base import Checked, Finding
from embedlab.check.findings import FINDINGS
from embedlab.check.report import grade
from embedlab.check.run import look
from embedlab.corpus import Column, Corpus
from embedlab.encoders import Encoder
from embedlab.pipeline import Prepared
from embedlab.space import Neighbours, Space
from embedlab.space.space import Distinct
from tests.check.looking import groups_of, looked_at
from tests.compare.spaces import near, space_of
from tests.conftest import LetterEncoder
from tests.sentences import say, says

SUBJECTS = ("my card", "the new app", "this transfer", "a cheque", "our account", "the password")
VERBS = ("was lost", "does not work", "arrived late", "costs too much", "needs a change", "is blocked")
PLACES = ("abroad", "at home", "in the shop", "on holiday")
SENTENCES = [f"{one} {verb} {place}" for one in SUBJECTS for verb in VERBS for place in PLACES]


def checked(
    texts: list[str], labels: list[str | None] | None = None, split: list[str | None] | None = None, seed: int = 0
) -> Checked:
    """Check texts as they are by their letters."""
    corpus = Corpus.of(texts)
    space = space_of(LetterEncoder().encode(corpus.texts), corpus)
    return looked_at(space, _column(labels), _column(split), near(space), seed)


def _column(values: list[str | None] | None) -> Column | None:
    return None if values is None else Column("values", "category", np.array(values, dtype=object))


def counts(found: Checked) -> dict[str, int]:
    return {one.key: one.count for one in found.findings}


def test_everything_at_once() -> None:
    rng = np.random.default_rng(0)
    texts = [
        *SENTENCES,
        "My card was lost abroad", "my  crad was lost abroad",
        "write to jane@example.com", "call 020 7946 0018", "https://example.com", "N/A", "😀", "🙃🙃",
    ]  # fmt: skip
    labels: list[str | None] = [SUBJECTS[at // 24] for at in range(144)]
    labels[50] = SUBJECTS[5]
    labels += [SUBJECTS[0]] * 2 + [None] * 6
    split = [*rng.choice(["train", "test"], 144).tolist(), "train", "test", *["train"] * 6]
    split[0] = "test"
    found = checked(texts, labels, split)
    told = {one.key: one for one in found.findings}
    assert list(told) == [kind.key for kind in FINDINGS]
    assert told["exact"].rows.tolist() == [0, 144]
    assert {144, 145} <= set(told["near-duplicates"].rows.tolist())
    assert "1 pair is of held-out texts: both stay" in told["near-duplicates"].detail  # 0 and 145
    assert told["personal"].rows.tolist() == [146, 147]
    assert {148, 149} <= set(told["properties"].rows.tolist())
    assert told["blurred"].rows.tolist()[-2:] == [150, 151]
    assert 50 in told["labels"].rows.tolist()
    assert {0, 144} <= set(told["leaks"].rows.tolist())
    assert found.skipped == ()
    assert set(found.seconds) == {
        "duplicates", "outliers", "properties", "personal data", "cut texts", "without reading", "labels", "segments",
    }  # fmt: skip
    assert says(told["exact"].sentence, 1, "repeats", "capitals")
    assert says(told["personal"].sentence, "1 e-mail address", "1 phone number", "names can't")
    assert "web addresses (1)" in told["properties"].sentence
    assert told["near-duplicates"].detail.count("90 % of their words") == 1
    for one in told.values():
        assert one.title == one.kind.title
        assert one.sentence.endswith((".", "form."))
        assert (np.diff(one.rows) > 0).all()


def test_what_was_not_asked_for_is_left_out_and_said() -> None:
    found = checked(SENTENCES)
    assert "labels" not in counts(found)
    assert "segments" not in counts(found)
    assert "leaks" not in counts(found)
    assert say(found.skipped, ("without labels", "doubtful"), ("without a column", "train or test", "leaks"))


@pytest.mark.parametrize("values", [[None] * 144, ["one"] * 144, [f"label {at}" for at in range(144)]])
def test_labels_that_say_nothing_leave_the_rest(values: list[str | None]) -> None:
    found = checked(SENTENCES, values)
    assert found.doubts is None
    assert found.own["segments"] is None
    assert found.skipped[0].startswith("Labels were not checked. ")
    assert "outliers" in counts(found)


def test_a_split_that_says_neither_leaves_the_rest() -> None:
    found = checked(SENTENCES, None, ["left", "right"] * 72)
    assert found.split is None
    assert found.skipped[-1].startswith("Leaks were not looked for. “values” doesn't say")
    assert "leaks" not in counts(found)


@pytest.mark.parametrize(
    "texts",
    [
        ["one"],
        ["one", "two"],
        ["the same"] * 10,
        ["a", "b", "c", "d"],
        ["😀", "🙃", "🎉", "👍", "🔥"],
        ["สวัสดี", "ขอบคุณ", "ลาก่อน", "ไม่เป็นไร"],
        ["", " ", "\n", "x"],
        ["word " * 50_000, "other " * 50_000, "short"],
        ["half \ud800 of one", "half \udfff of one", "\ud800"],
        ["<script>alert(1)</script>", "=1+1", "\x00", "\u202eright to left"],
    ],
)
def test_texts_of_every_kind_of_trouble(texts: list[str]) -> None:
    found = checked(texts, ["a", "b"] * (len(texts) // 2) + ["a"] * (len(texts) % 2), ["train", "test"] * len(texts))
    for one in found.findings:
        assert one.count >= 0
        assert one.rows.dtype == np.intp
        assert not len(one.rows) or one.rows.max() < len(texts)


def test_all_texts_the_same() -> None:
    found = checked(["the same"] * 10)
    assert counts(found) == {
        "exact": 9, "near-duplicates": 0, "personal": 0, "cut": 0, "outliers": 0, "blurred": 0, "properties": 0,
    }  # fmt: skip


def test_texts_that_the_model_does_not_know_share_one_vector() -> None:
    """The letters of another alphabet: all have one vector."""
    found = checked(["สวัสดี", "ขอบคุณ", "ลาก่อน", *SENTENCES[:30]])
    assert {one.key: one.rows.tolist() for one in found.findings}["blurred"] == [0, 1, 2]


@pytest.mark.model
def test_minilm_does_not_know_some_scripts_and_signs(minilm: Encoder) -> None:
    """Amharic, Thai and emoji are one unknown piece to it; Chinese it cuts into characters that it has seen."""
    unknown = ["ሰላም", "สวัสดีครับ", "ขอบคุณมาก", "😀", "🎉🔥"]
    corpus = Corpus.of([*SENTENCES, *unknown, "我的卡丢了", "今天的汇率是多少"])
    space = space_of(minilm.encode(corpus.texts), corpus)
    told = {one.key: one for one in looked_at(space, near=near(space)).findings}
    assert told["blurred"].rows.tolist() == list(range(144, 149))
    assert {149, 150} <= set(told["outliers"].rows.tolist())
    assert set(range(144, 151)) <= set(told["properties"].rows.tolist())


def test_no_texts() -> None:
    nothing: NDArray[np.intp] = np.empty(0, dtype=np.intp)
    empty = np.empty((0, 0), dtype=np.int32), np.empty((0, 0), dtype=np.float32)
    space = space_of(np.ones((1, 4)))
    space = Space(Corpus.of([]), space.card, space.vectors[:0], space.over_window[:0])
    graph = Neighbours(*empty, space.fingerprint, *[Distinct(nothing, nothing, *empty)] * 2)
    found = looked_at(space, near=graph)
    assert all(one.count == 0 for one in found.findings)


def test_the_threshold_moves_near_duplicates_and_leaks() -> None:
    texts = [*SENTENCES, "my card was lost abroad somehow"]
    found = checked(texts, None, ["train"] * 144 + ["test"])
    strict, loose = ({one.key: one.count for one in found.at(at).findings} for at in (0.99, 0.7))
    assert strict["leaks"] == 0 < loose["leaks"]
    assert strict["near-duplicates"] < loose["near-duplicates"]


def test_the_same_seed_gives_the_same() -> None:
    labels: list[str | None] = [SUBJECTS[at // 24] for at in range(144)]
    first, again = (checked(SENTENCES, labels, seed=3) for _ in range(2))
    assert first.doubts is not None
    assert again.doubts is not None
    np.testing.assert_array_equal(first.doubts.margin, again.doubts.margin)
    assert replace(first, seconds={}).skipped == again.skipped


def test_it_tells_how_far_it_is_and_can_be_stopped() -> None:
    told: list[Progress] = []
    space = space_of(LetterEncoder().encode(SENTENCES), Corpus.of(SENTENCES))
    graph = near(space)
    look(Prepared(space, graph), groups_of(graph), report=told.append)
    whole = [one for one in told if one.stage == "Checking"]
    assert [one.done for one in whole] == list(range(9))

    def stop(progress: Progress) -> None:
        if progress.stage == "Checking" and progress.done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        look(Prepared(space, graph), groups_of(graph), report=stop)


def test_so_many_paraphrases_are_how_these_texts_are() -> None:
    many = [*SENTENCES, *(f"{text} again" for text in SENTENCES)]
    told = {one.key: one for one in checked(many).at(0.7).findings}["near-duplicates"]
    assert told.usual
    assert "81 % of these texts, so that is how they are" in told.sentence
    few = {one.key: one for one in checked([*SENTENCES, "my card was lost abroad again"]).at(0.85).findings}
    assert not few["near-duplicates"].usual
    assert says(few["near-duplicates"].sentence, 1, "nearly repeats")


def test_leaks_are_a_fault_however_many_there_are() -> None:
    found = checked([*SENTENCES, *SENTENCES[:40]], None, ["train"] * 144 + ["test"] * 40)
    told = {one.key: one for one in found.findings}
    assert (told["leaks"].count, told["leaks"].share, told["leaks"].usual) == (40, 1.0, False)
    assert told["leaks"].detail.startswith("40 as copies, 0 nearly")
    assert told["exact"].usual


def test_a_copy_of_a_near_duplicate_is_counted_once() -> None:
    found = checked([*SENTENCES, "my card was lost abroad again", "My card was lost abroad again"])
    told = {one.key: one.count for one in found.at(0.85).findings}
    assert (told["exact"], told["near-duplicates"]) == (1, 2)
    assert [(one.row, one.stays) for one in found.at(0.85).repeats] == [(144, 0), (145, 0)]


def _labels_of(texts: list[str], labels: list[str | None]) -> Finding:
    return next(one for one in checked(texts, labels).findings if one.key == "labels")


def test_a_label_that_is_the_length_of_the_text_is_said_first_and_offers_nothing_to_put_right() -> None:
    rng = np.random.default_rng(0)
    words = np.array([word for sentence in SENTENCES for word in sentence.split()])
    texts = [" ".join(rng.choice(words, rng.integers(3, 12))) for _ in range(200)]
    found = _labels_of(texts, ["long" if len(text) > 36 else "short" for text in texts])
    assert found.sentence.startswith("“values” can be told without reading: length in characters alone names it in")
    assert found.usual
    assert says(grade([found]).sentence, "look at first", "without reading")


def test_labels_dealt_at_random_are_said_to_say_nothing() -> None:
    rng = np.random.default_rng(0)
    found = _labels_of(SENTENCES, rng.choice(["a", "b", "c", "d"], len(SENTENCES)).tolist())
    assert found.sentence.startswith("These labels say nothing to this model")
    assert found.usual
    assert found.level == "fail"
    assert found.count > 0
    assert not len(found.rows)
    assert grade([found]).sentence.endswith("labels that say nothing to this model.")


def test_labels_with_a_meaning_are_judged_and_what_form_tells_stands_below() -> None:
    found = _labels_of(SENTENCES, [SUBJECTS[at // 24] for at in range(144)])
    assert "doubtful" in found.sentence
    assert "Without reading" in found.detail


def test_near_copies_with_the_label_of_their_text_teach_nothing() -> None:
    rng = np.random.default_rng(0)
    shuffled = rng.permutation(["a", "b", "c"] * 48).tolist()
    texts = [f"{first}{text}" for text in SENTENCES for first in ("", "well ", "yes ", "now ")]
    found = checked(texts, [label for label in shuffled for _ in range(4)])
    told = next(one for one in found.findings if one.key == "labels")
    assert found.shortcut is not None
    assert found.shortcut.accuracy.mean < 0.5
    assert told.sentence.startswith("These labels say nothing to this model")


@pytest.mark.parametrize("labels", [["a", "b"] * 12, ["a"] * 12 + ["b"] * 12])
def test_texts_that_are_all_alike_have_none_to_be_judged_by(labels: list[str]) -> None:
    words = [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
    ]
    texts = [" ".join(["The", *words[: at % 12], "and", *words[at % 12 :]]) + "!" * (at // 12) for at in range(24)]
    told = next(one for one in checked(texts, labels).at(0.5).findings if one.key == "labels")
    assert told.sentence
