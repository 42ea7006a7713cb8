"""What encoding needs at its peak besides the texts and their vectors, for ten times as many texts."""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from pathlib import Path

from benchmarks.processes import timed
from benchmarks.report import Table, met
from benchmarks.setting import Setting

COUNTS = (20_000, 200_000)
GROWTH = 1.1
WORDS = (
    "apple river stone cloud paper music garden window bridge forest silver winter summer doctor teacher market "
    "village engine letter picture mountain ocean planet circle shadow candle pepper butter jacket wallet kitchen "
    "hammer ladder basket button mirror pillow blanket carpet curtain tunnel harbour island desert valley meadow "
    "castle temple palace museum library theatre station airport hospital school office factory farm bakery"
)


def memory(setting: Setting) -> Table:
    """Encode few and many short texts, each in a new process with nothing stored, and compare the peaks."""
    rows: list[tuple[str, ...]] = []
    first = None
    for count in COUNTS:
        command = [sys.executable, "-m", "benchmarks.memory", str(count)]
        told = json.loads(timed(command, setting.prepared().environment)[1])
        rest = told["peak"] - told["texts"] - told["vectors"]
        first = first or rest
        reached = met(rest <= GROWTH * first) if rows else ""
        shown = (_megabytes(told["peak"]), _megabytes(told["texts"]), _megabytes(told["vectors"]), _megabytes(rest))
        rows.append((f"{count:,}", *shown, f"{rest / first:.2f}", reached))
    columns = ("Texts", "Peak", "Texts alone", "Vectors alone", "The rest", "of the first's", f"at most {GROWTH}")
    note = "Made-up texts of three words, all of them new, encoded and stored by `embedlab.embed` with MiniLM; once."
    return Table(columns, tuple(rows), (note,))


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


def _texts(count: int) -> list[str]:
    """Return that many distinct texts; 7,919 is a prime, so that neighbours differ and none comes twice."""
    words = WORDS.split()
    many = len(words)
    numbers = [number * 7_919 % many**3 for number in range(count)]
    return [f"{words[number // many**2]} {words[number // many % many]} {words[number % many]}" for number in numbers]


def _tell(count: int) -> None:
    import embedlab as el
    from embedlab.corpus import Corpus

    corpus = Corpus.of(_texts(count))
    space = el.embed(corpus)
    if space.encoded != count:
        raise RuntimeError(f"{space.encoded:,} of {count:,} texts were encoded.")
    texts = sys.getsizeof(corpus.texts) + sum(map(sys.getsizeof, corpus.texts))
    print(json.dumps({"peak": _peak(), "texts": texts, "vectors": space.vectors.nbytes}))


def _peak() -> int:
    """Return the most bytes that this process held; Linux's `ru_maxrss` would count its parent's as well."""
    with contextlib.suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return 1024 * int(status.split("VmHWM:")[1].split()[0])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most  # macOS counts bytes


if __name__ == "__main__":
    _tell(int(sys.argv[1]))
