"""How often verdicts are wrong where the truth is known, for it was planted: the place for every verdict there is.

`python -m benchmarks --only truth` runs all of it, with --data on more sets of texts.
`python -m benchmarks.truth --cases 2 --kinds halves judge` tries a few cases of some kinds, with the models and
vectors that this machine has already, and says which were wrong.

A new verdict is a function from a number to an `Outcome` and a line in the `KINDS` of its subject, see `truths`.
"""

from __future__ import annotations

import argparse
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.report import Table
from benchmarks.setting import Setting
from benchmarks.truths import judging, labels, leaks, maps, shifts, shortcuts, tuned
from benchmarks.truths.ground import MODELS, Ground, ground
from benchmarks.truths.kinds import COLUMNS, Kind, Tally, totals, tried

KINDS: tuple[Kind, ...] = (
    *labels.KINDS, *shortcuts.KINDS, *tuned.KINDS, *leaks.KINDS, *shifts.KINDS, *maps.KINDS, *judging.KINDS,
)  # fmt: skip
SHOWN = 300  # characters of an example


def truth(setting: Setting) -> Table:
    """Return how often each verdict is wrong, on built-in texts and on those of the data folder, if there is one."""
    setting.enter()
    of = ground(setting)
    return told(of, [tried(kind, of) for kind in KINDS])


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
        "no more than chance may make of so few cases. Time: the median; where two lines share their cases, the first "
        "has the time.",
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
