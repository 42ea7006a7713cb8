"""Blind judging: judges who don't read what they are shown, and one who does and is right nine times of ten."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.truths.ground import MODELS, Ground, Seen
from benchmarks.truths.kinds import Kind, Outcome
from embedlab.compare.blind import Answer, Question, Tally, deck, tally

TEXTS = 300
RIGHT = 0.9
CASES = 60

Judge = Callable[[int, Question, np.random.Generator], Answer]


# --- The product's answers -----------------------------------------------------------------------


def asked(first: Seen, second: Seen, number: int) -> tuple[Question, ...]:
    """Return the questions that the page asks about two models."""
    return deck(first.space, second.space, first.near, second.near).round(number % 2)


def outcome(of: Sequence[Question], answers: Sequence[Answer]) -> Tally:
    """Return how the answers came out."""
    return tally(of, answers, ("the first", "the second"))


def winner(found: Tally) -> str:
    """Return whom the answers say to be better; an empty string where they don't tell."""
    return found.better or ""


# --- Judges --------------------------------------------------------------------------------------


def _always(side: Answer) -> Judge:
    return lambda at, question, rng: side


def _by_turns(at: int, question: Question, rng: np.random.Generator) -> Answer:
    return "left" if at % 2 else "right"


def _two_by_two(at: int, question: Question, rng: np.random.Generator) -> Answer:
    return "left" if at // 2 % 2 else "right"


def _halves(at: int, question: Question, rng: np.random.Generator) -> Answer:
    return "left" if at < 10 else "right"


def _mostly_left(at: int, question: Question, rng: np.random.Generator) -> Answer:
    return "left" if rng.random() < 0.8 else "right"


def _tossing(at: int, question: Question, rng: np.random.Generator) -> Answer:
    return "left" if rng.random() < 0.5 else "right"


def _good(at: int, question: Question, rng: np.random.Generator) -> Answer:
    return "left" if question.left_is_first == (rng.random() < RIGHT) else "right"


KEYS: dict[str, Judge] = {
    "always left": _always("left"), "always right": _always("right"), "by turns": _by_turns,
    "two by two": _two_by_two, "ten left, ten right": _halves, "mostly left": _mostly_left,
}  # fmt: skip


# --- The cases -----------------------------------------------------------------------------------


def keys(ground: Ground, number: int) -> Outcome:
    """Return whether a judge who presses keys by a rule gets a verdict."""
    name = list(KEYS)[number % len(KEYS)]
    found = _judged(ground, number, KEYS[name])
    return Outcome(bool(winner(found)), f"{name}: {found.sentence}")


def tossing(ground: Ground, number: int) -> Outcome:
    """Return whether a judge who tosses a coin gets a verdict."""
    found = _judged(ground, number, _tossing)
    return Outcome(bool(winner(found)), found.sentence)


def stopping(ground: Ground, number: int) -> Outcome:
    """Return whether one who tosses a coin gets a verdict at any time, looking at it after each answer."""
    put, answers = _answered(ground, number, _tossing)
    for count in range(1, len(put) + 1):
        found = outcome(put[:count], answers[:count])
        if winner(found):
            return Outcome(True, f"after {count} answers: {found.sentence}")
    return Outcome(False, "")


def good(ground: Ground, number: int) -> Outcome:
    """Return whether a judge who finds the first model better nine times of ten gets no verdict for it."""
    found = _judged(ground, number, _good)
    return Outcome(winner(found) != found.names[0], found.sentence)


def _judged(ground: Ground, number: int, judge: Judge) -> Tally:
    return outcome(*_answered(ground, number, judge))


def _answered(ground: Ground, number: int, judge: Judge) -> tuple[tuple[Question, ...], list[Answer]]:
    rng = np.random.default_rng(number)
    of = ground.set_of(number)
    rows = of.drawn(TEXTS, rng)
    first, second = (of.seen(rows, MODELS[at]) for at in rng.permutation(len(MODELS))[:2])
    put = asked(first, second, number)
    return put, [judge(at, one, rng) for at, one in enumerate(put)]


KINDS = (
    Kind("a judge who presses keys by a rule", "a verdict", "false alarm", keys, CASES),
    Kind("a judge who tosses a coin", "a verdict", "false alarm", tossing, CASES),
    Kind("a coin tossed until there is a verdict", "a verdict", "false alarm", stopping, CASES),
    Kind("a judge who is right 9 times of 10", "no verdict for the better one", "miss", good, CASES),
)
