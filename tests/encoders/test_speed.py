"""How fast models read: by turns on the same texts, one for each shape, with a range that tells which are alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from embedlab.base.paths import home
from embedlab.base.progress import Progress, Stopped
from embedlab.corpus import Corpus
from embedlab.encoders import speed
from embedlab.encoders.base import TRANSFORMER, ModelEntry
from embedlab.encoders.speed import ROUNDS, Speed, known, measure, of_listing, shape_of, together
from tests.conftest import LetterEncoder

TEXTS = Corpus("letters", tuple(f"text {row}" for row in range(300)))


class Clock:
    """Time that passes only while somebody reads; `slowed` is how much slower the machine is for now."""

    def __init__(self) -> None:
        self.now, self.slowed = 0.0, 1.0

    def perf_counter(self) -> float:
        return self.now


class Reader(LetterEncoder):
    """Reads `rate` texts a second; the first time takes a minute longer."""

    def __init__(self, name: str, rate: float, clock: Clock, shape: str = "") -> None:
        super().__init__()
        self.card = replace(self.card, model=name, shape=shape)
        self._rate, self._clock, self._cold = rate, clock, 60.0

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        self._clock.now += self._cold + self._clock.slowed * len(texts) / self._rate
        self._cold = 0.0
        self.calls.append(list(texts))
        return np.zeros((len(texts), 1), dtype=np.float32)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(speed, "time", one)
    return one


def test_models_read_the_same_texts_by_turns(clock: Clock) -> None:
    """The quick one reads its batch over and over in its turn, so that a turn takes long enough to be measured."""
    fast, slow = Reader("fast", 4_000, clock), Reader("slow", 40, clock)
    timing = measure([fast, slow], TEXTS)
    assert [timing.speeds[shape_of(one.card)].rate for one in (fast, slow)] == pytest.approx([4_000, 40])
    assert timing.texts == 80  # what the slow one reads in two seconds
    by_slow, by_fast = ([tuple(call) for call in one.calls if len(call) == 80] for one in (slow, fast))
    assert len(by_slow) == ROUNDS
    assert len(set(by_slow)) == ROUNDS
    assert list(dict.fromkeys(by_fast)) == by_slow
    assert by_fast.count(by_fast[0]) in (5, 6)  # 0.02 s each, 0.1 s in all or a hair less


def test_a_machine_that_is_slow_for_a_while_slows_all_of_them_and_they_are_told_apart_all_the_same(
    clock: Clock,
) -> None:
    """Half of the rounds take four times as long: the ranges overlap, but in every round the same one is faster."""
    rounds: list[int] = []

    def report(progress: Progress) -> None:
        rounds.append(progress.done)
        clock.slowed = 4.0 if (progress.done // 2) % 2 else 1.0

    quick, other = Reader("quick", 300, clock), Reader("other", 200, clock)
    one, two = measure([quick, other], TEXTS, report).speeds.values()
    assert (one.slowest, one.rate, one.fastest) == pytest.approx((75, 300, 300))
    assert one.slowest < two.fastest
    assert one.faster_than(two)
    assert not two.faster_than(one)
    assert rounds[-1] == 2 * ROUNDS


def test_one_round_the_other_way_and_they_are_as_fast_as_each_other() -> None:
    one, two = Speed((100.0, 110.0, 90.0)), Speed((80.0, 85.0, 95.0))
    assert not one.faster_than(two)
    assert not two.faster_than(one)
    assert not one.faster_than(one)
    assert str(one) == "100 (90 to 110)"


def test_models_of_one_shape_are_measured_once(clock: Clock) -> None:
    base, tuned, other = (Reader(name, 100, clock, shape) for name, shape in (("a", "s"), ("b", "s"), ("c", "")))
    timing = measure([base, tuned, other], TEXTS)
    assert list(timing.speeds) == ["s, tests", "c, tests"]
    assert sum(bool(one.calls) for one in (base, tuned)) == 1


def test_what_was_measured_is_found_again_for_these_texts_and_all_of_these_models(clock: Clock) -> None:
    first = measure([Reader("a", 100, clock), Reader("b", 50, clock)], TEXTS)
    measure([Reader("b", 70, clock), Reader("c", 50, clock)], TEXTS)
    assert together(["a, tests", "b, tests"], TEXTS) == first
    assert together(["a, tests", "c, tests"], TEXTS) is None
    assert together(["b, tests"], TEXTS).speeds["b, tests"].rate == pytest.approx(70)  # type: ignore[union-attr]
    assert together(["a, tests"], Corpus.of(["other texts"])) is None
    listing = ModelEntry("b", TRANSFORMER, True, "", open=lambda exact, texts: Reader("b", 1, clock))
    found, timing = of_listing(listing, known())["tests"]
    assert found.rate == pytest.approx(70)
    assert len(timing.speeds) == 2


def test_a_few_short_texts_are_enough_and_a_stop_keeps_nothing(clock: Clock) -> None:
    assert measure([Reader("a", 1, clock)], Corpus.of(["ab", "ab", "cd"])).texts == 2

    def stop(progress: Progress) -> None:
        if progress.done:
            raise Stopped

    with pytest.raises(Stopped):
        measure([Reader("b", 1, clock)], TEXTS, stop)
    assert len(known()) == 1


@pytest.mark.parametrize("content", ["", "[]", '{"a, tests": 120.5}', '{"timings": [{"when": 1}]}', '{"timings": 3}'])
def test_a_file_of_another_kind_is_as_good_as_none(content: str, clock: Clock) -> None:
    home().mkdir(parents=True)
    (home() / speed.FILE).write_text(content, encoding="utf-8")
    assert known() == ()
    measure([Reader("a", 100, clock)], TEXTS)
    assert len(known()) == 1
    assert len(json.loads((home() / speed.FILE).read_text(encoding="utf-8"))["timings"]) == 1
