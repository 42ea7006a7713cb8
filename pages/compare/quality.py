"""Which model is better for these texts? By labels, by pairs with scores, by judgements, or by a blind test."""

from __future__ import annotations

import numpy as np
import streamlit as st

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.check.shortcuts import Shortcut
from embedlab.compare.comparison import beside, shortcut_note, shortcut_sentence
from embedlab.compare.evidence import Evidence, by_judgements, by_pairs, only_in_corpus
from embedlab.compare.models import ComparedModel
from embedlab.corpus import Column, Corpus
from embedlab.corpus.judgements import ROW, id_columns, judgement_columns, likely_ids
from embedlab.corpus.pairs import pair_columns
from embedlab.corpus.split import guessed_split
from embedlab.evaluate.quality import MEASURES, Quality, chance_shown
from embedlab.evaluate.versus import PLACE_HEADS, all_versus, headline, ranked
from embedlab.figures.report import quality_dots
from pages.app import results, session
from pages.app.roles import columns_control
from pages.app.widgets import as_typed, choose, dark, failure_of, show_chart, show_error, show_table, watch_all
from pages.compare import jobs, judge
from pages.compare.linked import ModelPair

LABELS, PAIRS, JUDGED, BLIND = "A column of labels", "Pairs with scores", "Judgements of a search", "Judge blind"
PAIRS_EXAMPLE = (
    "text1,text2,score\nhow do I block a card,my card was stolen,4\nhow do I block a card,exchange rates,0\n"
)
LABEL_KINDS = ("category", "number")
SHORTCUT_SECONDS = 0.3
IN_TURN, FILES_PART = "Every text in turn", "The file's test part"


def draw(compared: ModelPair, k: int) -> None:
    """Draw the choice of evidence, and what it says of every model."""
    labels = label_columns(compared.common.corpus)
    offered = [LABELS, PAIRS, JUDGED, BLIND] if labels else [PAIRS, JUDGED, BLIND]
    source = choose("Evidence", offered, _evidence_key(labels), default=_first_choice(labels))
    evidence = None if source == BLIND else _evidence(compared, source, labels)
    if evidence is None and not labels:
        st.caption(
            "Without labels, pairs with scores or judgements nobody can know which model is better for you: two models "
            "may differ as much as you like, and the one with the prettier map need not be the better one."
        )
    if source == BLIND:
        judge.draw(compared, k)
    if evidence is None:
        return
    for note in evidence.notes:
        st.caption(as_typed(note))
    found = measured(compared, evidence)
    if found:
        _show(compared, evidence, found)


def of_two(corpus: Corpus) -> bool:
    """Return whether the evidence that is chosen is about the two models looked at, and not about all."""
    labels = label_columns(corpus)
    return bool(st.session_state.get(_evidence_key(labels), _first_choice(labels)) == BLIND)


def _evidence_key(labels: list[str]) -> str:
    return f"compare-evidence-{bool(labels)}"


def _first_choice(labels: list[str]) -> str:
    return LABELS if labels else BLIND


def kept(compared: ModelPair) -> Evidence | None:
    """Return what the models were measured on last."""
    evidence: Evidence | None = session.kept("evidence", compared.common.corpus)
    if evidence is not None and evidence.labels is not None:  # other models may have learned from other texts
        return jobs.by_column(compared.common.corpus, evidence.labels.name, compared.entries, evidence.by)
    return evidence


def offer(compared: ModelPair, key: str) -> None:
    """Offer to measure by the column that was named as the label, where nothing was measured yet."""
    corpus = compared.common.corpus
    label = corpus.label or ""
    if label in label_columns(corpus):
        st.button(
            f"Measure by the labels in {as_typed(f'“{label}”')}",
            key=key,
            icon=":material/play_arrow:",
            on_click=lambda: session.keep(
                "evidence", corpus, jobs.by_column(corpus, label, compared.entries, guessed_split(corpus, label))
            ),
        )


# --- Which evidence ------------------------------------------------------------------------------


def label_columns(corpus: Corpus) -> list[str]:
    """Return the columns that could hold labels, the likeliest first."""
    names = [column.name for column in corpus.columns if _could_be_labels(column.kind, column.values, column.missing)]
    return sorted(names, key=lambda name: name != corpus.label)


def _could_be_labels(kind: str, values: np.ndarray, missing: np.ndarray) -> bool:
    if kind not in LABEL_KINDS or missing.all():
        return False
    return kind == "category" or len(np.unique(values[~missing])) <= max(2, (~missing).sum() // 2)


def _evidence(compared: ModelPair, source: str, labels: list[str]) -> Evidence | None:
    corpus = compared.common.corpus
    if source == LABELS:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox("Label", labels, key=f"compare-label-{corpus.fingerprint}", width=260)
            by = _asked_about(corpus, name)
        return jobs.by_column(corpus, name, compared.entries, by)
    several = source == JUDGED
    with st.container(horizontal=True, vertical_alignment="bottom"):
        uploaded = st.file_uploader(
            "A table with two texts (or two ids) and a score in each row"
            if not several
            else "A table with the columns query, id and, if you like, score",
            type=session.TABLES,
            accept_multiple_files=True,
            key=f"compare-file-{source}",
            on_change=session.forget_files,
            args=[f"compare-{source}"],
            help="Or BEIR's two files together: the qrels and the queries." if several else None,
        )
        tables = [results.table(file) for file in uploaded]
        names = id_columns(corpus)
        named_by = st.selectbox(
            "An id is",
            names,
            names.index(likely_ids(tables, corpus)) if several and tables else 0,
            key=f"compare-ids-{source}-{fingerprint([file.file_id for file in uploaded] if several else [])}",
            width=220,
        )
    if not uploaded:
        known: Evidence | None = session.kept_files(f"compare-{source}", corpus)
        if known is None:
            st.caption("For example:")
            st.code(session.JUDGED_EXAMPLE if several else PAIRS_EXAMPLE, language=None)
        return known
    if several:
        taken = judgement_columns(tables, corpus, named_by or ROW)
        columns = columns_control(taken, ("query", "id", "score"), f"compare-{source}", scoreless=True)
        evidence = by_judgements(compared.common, tables, named_by or ROW, columns)
    elif len(tables) > 1:
        raise EmbedlabError("Bring one table of pairs: put them all into one file.")
    else:
        columns = columns_control(pair_columns(tables[0]), ("first text", "second text", "score"), f"compare-{source}")
        evidence = by_pairs(compared.common, tables[0], named_by or ROW, columns)
    session.keep_files(f"compare-{source}", corpus, [file.name for file in uploaded], evidence)
    return evidence


def _asked_about(corpus: Corpus, label: str) -> Column | None:
    """Let be chosen which texts are asked about, where a column says so; None for every text in turn."""
    by = guessed_split(corpus, label)
    if by is None:
        return None
    chosen = choose(
        "Asked about",
        [IN_TURN, FILES_PART],
        f"compare-asked-{corpus.fingerprint}",
        default=FILES_PART,
        help=f"The column {as_typed(f'“{by.name}”')} says which texts to learn from and which to ask about; “Frozen or "
        "fine-tuned?” asks about the same. In turn, each text is asked about by a probe that learned from others.",
    )
    return by if chosen == FILES_PART else None


# --- Measuring -----------------------------------------------------------------------------------


def measured(compared: ModelPair, evidence: Evidence) -> tuple[Quality, ...]:
    """Return what is measured by now; show how far the others are, and why one can't be.

    What no model can be measured on is not kept: the cost and the report would only say the same again. Says who is
    flattered.
    """
    for sentence in jobs.flattered(compared.common.corpus, compared.entries, evidence):
        st.warning(as_typed(sentence), icon=":material/school:")
    in_corpus = only_in_corpus(compared.entries, evidence)
    measured = {entry.name: jobs.quality_job(entry, evidence, in_corpus) for entry in compared.entries}
    for job in measured.values():
        job.wait(0.3 / len(measured))
    waiting = {name: job for name, job in measured.items() if not job.done}
    failures = {name: failure_of(job) for name, job in measured.items() if job.done and not job.succeeded}
    if len(failures) == len(measured):
        session.forget("evidence")
    else:
        session.keep("evidence", compared.common.corpus, evidence)  # for the cost and the report
    for reason in dict.fromkeys(failures.values()):
        of = [name for name, why in failures.items() if why == reason]
        show_error(reason if len(of) == len(measured) else f"{', '.join(of)}: {reason}")
    if failures:
        failed = [entry for entry in compared.entries if entry.name in failures]
        st.button(
            "Try again",
            key="compare-measure-again",
            icon=":material/refresh:",
            on_click=_again,
            args=[compared, failed, evidence, in_corpus],
        )
    if waiting:
        watch_all(waiting, "compare-stop-quality")
    return jobs.qualities_known(compared.entries, evidence)


def _again(compared: ModelPair, entries: list[ComparedModel], evidence: Evidence, in_corpus: bool) -> None:
    session.keep("evidence", compared.common.corpus, evidence)
    for entry in entries:
        jobs.quality_job.forget(entry, evidence, in_corpus)


# --- What it says --------------------------------------------------------------------------------


def _show(compared: ModelPair, evidence: Evidence, found: tuple[Quality, ...]) -> None:
    measures = list(found[0].intervals)
    unread = _without_reading(compared, evidence, found)
    measured = beside(found, unread)
    measure = measures[0]
    if len(found) > 1 and len(measures) > 1:
        chosen = st.segmented_control(
            "Verdict by", measures, default=measures[0], required=True, key=f"compare-measure-{measures[0]}"
        )
        measure = chosen or measure
    for sentence in filter(None, (shortcut_sentence(unread, found), headline(found, measure))):
        st.markdown(f"**{as_typed(sentence)}**")
    _rests_on(found, measure)
    alt = "For each measure a dot for each model, with its 95 % interval, and what chance alone would give."
    show_chart(quality_dots(measured, measures, dark=dark()), "compare-dots", alt)
    show_table(
        {"Measure": measures}
        | {one.model: [str(one.intervals.get(name, "")) for name in measures] for one in measured}
        | {"Chance": [chance_shown(found, name) for name in measures]}
    )
    _trust(found, evidence, unread)
    with st.expander("What the measures mean"):
        for name in measures:
            st.markdown(f"**{as_typed(name)}** {as_typed(MEASURES[name].explained)}")


def _rests_on(found: tuple[Quality, ...], measure: str) -> None:
    """Draw the numbers behind the verdict: of two models in a line, of more in a table."""
    if len(found) < 2:
        return
    pairs = all_versus(found, measure)
    if len(found) == 2:
        st.caption(as_typed(pairs[0].detail))
    else:
        cells = list(zip(*(one.cells for one in ranked(found, measure)), strict=True))
        show_table(
            {head: list(column) for head, column in zip(PLACE_HEADS, cells, strict=True)},
            key="compare-ranking",
        )
    for one in pairs:
        if one.hangs:
            named = "" if len(found) == 2 else f"{one.first} and {one.second}: "
            st.caption(as_typed(f"{named}{one.hangs}"))


def _without_reading(compared: ModelPair, evidence: Evidence, found: tuple[Quality, ...]) -> Shortcut | None:
    """Return how well the labels can be told without reading; None until that is known, and without labels."""
    if evidence.labels is None:
        return None
    job = jobs.shortcut_job(compared.common.corpus, evidence, found[0])
    if not job.wait(SHORTCUT_SECONDS):
        watch_all({"without reading": job}, "compare-stop-shortcut")
    return jobs.shortcut_job.made(compared.common.corpus, evidence)


def _trust(found: tuple[Quality, ...], evidence: Evidence, unread: Shortcut | None) -> None:
    task = found[0].task
    notes = dict.fromkeys(note for one in found for note in one.task.notes if note not in evidence.notes)
    eye = (
        "Intervals: 95 %, bootstrap. Don't compare those of two models by eye: the verdict rests on paired "
        "differences, corrected for the number of pairs."
    )
    st.caption(
        as_typed(" ".join(filter(None, (f"{task.counted}.", task.how, shortcut_note(unread, found), eye, *notes))))
    )
