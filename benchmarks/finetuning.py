"""Frozen against fine-tuned on labels that are known: does tuning help, how long does it take, and is it told?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.report import Table, met
from benchmarks.setting import Setting
from embedlab.corpus import Corpus
from embedlab.corpus.reading.table import read
from embedlab.encoders import DEFAULT_MODEL
from embedlab.finetune.decision import FinetuneResult, finetune
from embedlab.space.warm import warm_up

PER_CLASS, FEW = 10, 2
DRAWS = (1, 2)
WITHIN = 180.0


def finetune_banking77(setting: Setting) -> Table:
    """Train MiniLM on BANKING77 and CLINC150, on shuffled labels, and on two labels a class; default settings."""
    banking = read(setting.file("banking77.csv"), "text", "label")
    clinc = read(setting.without("clinc150.csv", "label", "oos"), "text", "label")
    setting.enter()
    warm_up()
    gain = "better by 1 point or more"
    cases = (
        ("BANKING77", banking, PER_CLASS, gain),
        ("CLINC150", clinc, PER_CLASS, "better, or an honest tie"),
        ("BANKING77, labels shuffled", _shuffled(banking), PER_CLASS, "does not help"),
        ("BANKING77, two labels a class", banking, FEW, "cannot tell"),
    )
    found = {name: (_tried(corpus, per_class), wanted) for name, corpus, per_class, wanted in cases}
    draws = [found["BANKING77"][0], *(_tried(banking, PER_CLASS, seed) for seed in DRAWS)]
    again = _tried(banking, FEW)
    first = found[cases[-1][0]][0]
    rows = tuple(_row(name, one, wanted) for name, (one, wanted) in found.items())
    columns = (
        "Labels", "learned from", "held out", "Training", f"within {WITHIN / 60:.0f} min", "Frozen", "Fine-tuned",
        "Difference, paired", "Generality, before", "after", "Advice", "Wanted", "reached",
    )  # fmt: skip
    same = np.array_equal(again.compared.tuned[0].predicted, first.compared.tuned[0].predicted)
    notes = (
        f"{DEFAULT_MODEL}, default settings, {PER_CLASS} labels a class drawn with seed 0; held out: the test split, "
        "without what nearly repeats it in training. "
        "Accuracy of a linear probe; 95 % intervals over held-out texts. Generality: Spearman's correlation with the "
        "grades of embedlab's own everyday pairs.",
        f"Trained twice with the same seed (two labels a class), the same answers to every held-out text: {met(same)}.",
        _over_draws([one.compared.difference.mean for one in draws]),
        *(f"{name}: {one.advice.verdict} {one.advice.would_change}" for name, (one, _) in found.items()),
    )
    return Table(columns, rows, notes)


def _row(name: str, one: FinetuneResult, wanted: str) -> tuple[str, ...]:
    difference = one.compared.difference
    reached = {
        "better by 1 point or more": one.compared.verdict == "better" and difference.mean >= 0.01,
        "better, or an honest tie": one.compared.verdict != "worse",
        "does not help": one.advice.level != "tune" and one.advice.verdict.startswith("Tuning does not help"),
        "cannot tell": one.advice.level == "cannot tell",
    }[wanted]
    return (
        name, f"{len(one.split.train):,}", f"{len(one.split.held_out):,}", f"{one.run.seconds:.0f} s",
        met(one.run.seconds <= WITHIN), str(one.compared.frozen[0].accuracy), str(one.compared.tuned[0].accuracy),
        str(difference), str(one.forgotten.before), str(one.forgotten.after), one.advice.level, wanted,
        met(reached),
    )  # fmt: skip


def _over_draws(gains: list[float]) -> str:
    """Say how much the gain depends on which labels were drawn, and on the seed of the training."""
    points = ", ".join(f"{100 * gain:+.1f}" for gain in gains)
    mean = 100 * sum(gains) / len(gains)
    seeds = ", ".join(map(str, (0, *DRAWS)))
    return f"BANKING77, labels drawn and trained with seeds {seeds}: {points} points, mean {mean:+.1f}."


def _shuffled(corpus: Corpus) -> Corpus:
    labels = corpus.column("label")
    values = np.random.default_rng(0).permutation(labels.values)
    columns = (replace(one, values=values) if one is labels else one for one in corpus.columns)
    return replace(corpus, columns=tuple(columns))


def _tried(corpus: Corpus, per_class: int, seed: int = 0) -> FinetuneResult:
    return finetune(corpus, "label", split="split", per_class=per_class, seed=seed)
