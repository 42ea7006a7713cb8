"""How often verdicts are wrong where the truth is known, for it was planted: the place for every verdict there is.

`python -m benchmarks --only truth` runs all of it, with --data on more sets of texts.
`python -m benchmarks.truth --cases 2 --kinds halves judge` tries a few cases of some kinds, with the models and
vectors that this machine has already, and says which were wrong.

A new verdict is a function from a number to an `Outcome` and a line in the `KINDS` of its subject, see `truths`.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits

from benchmarks.report import Table
from benchmarks.setting import Setting
from benchmarks.truths import judging, labels, leaks, maps, shifts, shortcuts, tuned
from benchmarks.truths.ground import MODELS, Ground, ground
from benchmarks.truths.kinds import COLUMNS, Kind, Tally, totals, tried
from embedlab.base.progress import cores

SUBJECTS = (labels, shortcuts, tuned, leaks, shifts, maps, judging)
LONGEST_FIRST = (shifts, labels, shortcuts, tuned, maps, leaks, judging)
KINDS: tuple[Kind, ...] = tuple(kind for subject in SUBJECTS for kind in subject.KINDS)
SHOWN = 300  # characters of an example


def truth(setting: Setting) -> Table:
    """Return how often each verdict is wrong, on built-in texts and on those of the data folder, if there is one.

    As many processes as there are cores try them, each with one thread: of more, cases as small as these make no use.
    """
    setting.enter()
    of = ground(setting)  # reads the texts once: the processes find the vectors where they are kept
    spawn = get_context("spawn")
    with ProcessPoolExecutor(cores(), spawn, _begin, (setting, spawn.Value("i", 0))) as pool:
        found = dict(zip(LONGEST_FIRST, pool.map(_tried, map(SUBJECTS.index, LONGEST_FIRST)), strict=True))
    return told(of, [tally for subject in SUBJECTS for tally in found[subject]])


_grounds: list[Ground] = []


def _begin(setting: Setting, begun: Synchronized[int]) -> None:
    """Make a process ready, on a core of its own where the system lets it choose."""
    setting.enter()
    with begun.get_lock():
        number = begun.value
        begun.value += 1
    if hasattr(os, "sched_setaffinity"):
        mine = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {mine[number % len(mine)]})
    threadpool_limits(1)
    torch.set_num_threads(1)
    _grounds.append(ground(setting))


def _tried(subject: int) -> list[Tally]:
    return [tried(kind, _grounds[0]) for kind in SUBJECTS[subject].KINDS]


def told(of: Ground, tallies: Iterable[Tally]) -> Table:
    """Return the table of what came out, with the first wrong case of each kind."""
    found = tuple(tallies)
    sets = ", ".join(f"{one.name} ({len(one):,})" for one in of.sets)
    first = [
        textwrap.shorten(f"{one.kind.planted}: {one.examples[0]}", SHOWN, placeholder=" …")
        for one in found
        if one.examples
    ]
    notes = (
        totals(found),
        f"Texts: {sets}, by turns; models: {', '.join(MODELS)}. Shares with Wilson's 95 % interval. A false alarm "
        "claims what is not there, or more than there is; a miss does not say what is there. Open: above 5 %, but by "
        "no more than chance may make of so few cases. Time: the median, on one core; where two lines share their "
        "cases, the first has the time.",
        *first,
    )
    return Table(COLUMNS, tuple(one.row for one in found), notes)


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="holds more texts, see docs/benchmarks.md")
    parser.add_argument("--cases", type=int, metavar="N", help="so many of each kind (default: as many as it has)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="begin with the case of this number")
    parser.add_argument("--kinds", nargs="+", default=[""], metavar="WORD", help="only kinds that are called like this")
    options = parser.parse_args()
    chosen = [kind for kind in KINDS if any(word in f"{kind.planted}, {kind.wrong}" for word in options.kinds)]
    with tempfile.TemporaryDirectory(prefix="embedlab-bench-") as scratch:
        of = ground(Setting(options.data, 1, Path(scratch)))
        found = [_followed(tried, kind, of, options.cases, options.first) for kind in chosen]
    print(f"\n{told(of, found).markdown()}")


def _followed(work: Callable[..., Tally], kind: Kind, *given: object) -> Tally:
    busy = time.process_time()
    made = work(kind, *given)
    took = f"{sum(made.seconds):.1f} s, of the processor {time.process_time() - busy:.1f} s"
    print(f"{kind.planted}; wrong: {kind.wrong}: {made.wrong} of {len(made.outcomes)}, {took}")
    for example in made.examples:
        print(f"  {example}")
    print(end="", flush=True)
    return made


if __name__ == "__main__":
    _main()
