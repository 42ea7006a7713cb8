"""What a check of a corpus finds of the faults that were planted in it, and how long it takes.

`python -m benchmarks.checking --data FOLDER --pairs FILE` writes fifty of the pairs that were not planted but are
called near-duplicates, drawn at random, one a line: to be read.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.planting import editable, flipped, near_duplicate
from benchmarks.report import Table, met
from benchmarks.setting import Setting
from benchmarks.turns import clocked
from embedlab.check.base import Checked
from embedlab.check.duplicates import DEFAULT_THRESHOLD, Duplicates, duplicates
from embedlab.check.findings.labels import doubts
from embedlab.check.findings.outliers import outliers
from embedlab.check.run import look
from embedlab.corpus import Column, Corpus
from embedlab.corpus.reading.table import read
from embedlab.encoders import DEFAULT_MODEL, load
from embedlab.encoders.store import store_for
from embedlab.pipeline import Groups, Prepared
from embedlab.space import Space
from embedlab.space.clusters import cluster
from embedlab.space.embedding import embed
from embedlab.space.keywords import vocabulary
from embedlab.space.names import name_clusters
from embedlab.space.neighbours import neighbours
from embedlab.space.warm import warm_up

SEED = 0
PLANTED = 300
RECALL = 0.95
FLIPPED = 0.05
FOUND = 0.6
ALIENS, LOOKED_AT = 50, 100
AMONG_FIRST = 0.9
STRANGERS = ("arxiv_titles_20k.csv", "movie_reviews.csv", "clinc150.csv")
AT_HOME = ("banking", "credit_cards", "oos")
READ = 50
LIMITS = {20_000: 30.0, 100_000: 180.0}


def check_banking77(setting: Setting) -> Table:
    """Near-duplicates, flipped labels and texts of other sets, planted in BANKING77: how many of them are found."""
    file = setting.file("banking77.csv")
    others = {name: setting.file(name) for name in STRANGERS}
    setting.enter()
    corpus = read(file, "text", "label")
    rows = [_duplicates(corpus), _labels(corpus)]
    rows += [_strangers(corpus, read(path, "text"), name) for name, path in others.items()]
    note = (
        f"{DEFAULT_MODEL}; all planted with seed {SEED}; near-duplicates at the default threshold {DEFAULT_THRESHOLD}."
    )
    return Table(("Planted in BANKING77", "Looked at", "Found", "wanted", "reached"), tuple(rows), (note,))


def check_large(setting: Setting) -> Table:
    """A whole check of 20,000 and of 100,000 titles whose vectors are there, with and without labels."""
    files = {20_000: setting.file("arxiv_titles_20k.csv"), 100_000: setting.file("arxiv_titles_200k.csv.gz")}
    setting.enter()
    warm_up()
    rows = []
    notes = []
    for count, file in files.items():
        space = _space(_first(read(file, "text", "label"), count))
        near, searched = clocked(partial(neighbours, space))
        clusters, clustered = clocked(partial(cluster, near))
        groups = Groups(clusters, name_clusters(clusters, vocabulary(space.corpus.texts)))
        for name in (None, "label"):
            labels = None if name is None else space.corpus.column(name)
            checked, took = clocked(partial(look, Prepared(space, near), groups, labels))
            whole = searched + clustered + took
            classes = "none" if labels is None else f"{len(set(labels.values.tolist())):,} classes"
            limit = LIMITS[count]
            rows.append((
                f"{count:,}", classes, f"{searched:.1f} s", f"{clustered:.1f} s", f"{took:.1f} s", f"{whole:.1f} s",
                f"{limit:.0f} s", met(whole <= limit),
            ))  # fmt: skip
            notes.append(f"{count:,} titles, labels: {classes}. {_parts(checked)}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    notes.append(f"Most memory of the process, the model included: {peak:.1f} GiB.")
    columns = ("Titles", "Labels", "Neighbours", "Clusters", "Check", "Together", "within", "reached")
    return Table(columns, tuple(rows), tuple(notes))


def _parts(checked: Checked) -> str:
    """Say how long each part took, and how much was found."""
    took = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in checked.seconds.items())
    found = ", ".join(f"{one.title.lower()} {one.count:,}" for one in checked.findings)
    return f"The parts: {took}. Found: {found}."


def _duplicates(corpus: Corpus) -> tuple[str, ...]:
    found, sources = planted(corpus)
    like = {(int(a), int(b)) for a, b in found.near()}
    first = {int(row): int(rows[0]) for rows in found.exact for row in rows}
    pairs = [(first.get(row, row), first.get(len(corpus) + at, len(corpus) + at)) for at, row in enumerate(sources)]
    caught = sum(a == b or (min(a, b), max(a, b)) in like for a, b in pairs)
    return _row(f"{PLANTED} near-duplicates", f"{len(like):,} pairs", caught, PLANTED, RECALL)


def planted(corpus: Corpus) -> tuple[Duplicates, list[int]]:
    """Return the repeats of a corpus with near-duplicates at its end, and the row that each of those came from."""
    rng = np.random.default_rng(SEED)
    able = (row for row in rng.permutation(corpus.distinct[0]).tolist() if editable(corpus.texts[row]))
    sources = [next(able) for _ in range(PLANTED)]
    made = [near_duplicate(corpus.texts[row], rng) for row in sources]
    space = _space(Corpus.of([*corpus.texts, *made]))
    return duplicates(space, neighbours(space)), sources


def _labels(corpus: Corpus) -> tuple[str, ...]:
    own = corpus.column("label")
    values, rows = flipped(own.values, FLIPPED, np.random.default_rng(SEED))
    space = _space(corpus)
    found = doubts(space, neighbours(space), Column(own.name, own.kind, values))
    looked_at = np.argsort(-np.nan_to_num(found.margin, nan=-np.inf), kind="stable")[: len(rows)]
    caught = len(np.intersect1d(looked_at, rows))
    seen = (
        f"the {len(rows):,} most doubtful (5 %); {len(found.ranked):,} are called doubtful, {found.estimated:,} wrong"
    )
    return _row(f"{len(rows):,} labels exchanged for another (5 %)", seen, caught, len(rows), FOUND)


def _strangers(corpus: Corpus, other: Corpus, name: str) -> tuple[str, ...]:
    strange = [row for row in other.distinct[0].tolist() if not _at_home(other, row)]
    rows = np.random.default_rng(SEED).permutation(strange)[:ALIENS]
    space = _space(Corpus.of([*corpus.texts, *(other.texts[row] for row in rows.tolist())]))
    found = outliers(space, neighbours(space))
    caught = int((found.order[:LOOKED_AT] >= len(corpus)).sum())
    seen = f"the first {LOOKED_AT} outliers; {len(found.flagged):,} are called so"
    return _row(f"{ALIENS} texts of {name}", seen, caught, ALIENS, AMONG_FIRST)


def _at_home(other: Corpus, row: int) -> bool:
    """Whether a text of another set is about banking too."""
    return any(column.name == "domain" and column.shown(row) in AT_HOME for column in other.columns)


def _row(what: str, looked_at: str, caught: int, of: int, wanted: float) -> tuple[str, ...]:
    return what, looked_at, f"{caught:,} ({caught / of:.1%})", f"{wanted:.0%}", met(caught >= wanted * of)


def _space(corpus: Corpus) -> Space:
    encoder = load(DEFAULT_MODEL, False, corpus.texts)
    return embed(corpus, encoder, store_for(encoder.card))


def _first(corpus: Corpus, count: int) -> Corpus:
    rows = np.arange(count)
    columns = tuple(column.take(rows) for column in corpus.columns)
    return Corpus(corpus.name, corpus.texts[:count], columns, label=corpus.label)


def write_pairs(data: Path, to: Path) -> None:
    """Write pairs to be read: drawn among those that are called near-duplicates and of which none was planted."""
    with tempfile.TemporaryDirectory(prefix="embedlab-bench-") as scratch:
        setting = Setting(data, 1, Path(scratch))
        corpus = read(setting.file("banking77.csv"), "text", "label")
        setting.enter()
        found, _ = planted(corpus)
    lines = [f"{likeness:.3f}\t{corpus.texts[a]}\t{corpus.texts[b]}" for a, b, likeness in drawn(found, len(corpus))]
    to.write_text("\n".join(lines) + "\n", encoding="utf-8")


def drawn(found: Duplicates, count: int) -> list[tuple[int, int, float]]:
    """Return pairs to be read, the most alike first: of those flagged among the first `count` texts, at random."""
    flagged = zip(found.near().tolist(), found.likeness.tolist(), strict=False)
    own = [(a, b, likeness) for (a, b), likeness in flagged if b < count]
    return [own[at] for at in np.sort(np.random.default_rng(SEED).permutation(len(own))[:READ])]


def main() -> None:
    """Write the pairs to be read."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checking", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--pairs", type=Path, required=True, metavar="FILE")
    options = parser.parse_args()
    write_pairs(options.data, options.pairs)


if __name__ == "__main__":
    main()
