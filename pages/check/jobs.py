"""Checking texts: what is checked, the jobs and quick results behind it, and what this person has decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from embedlab.base.progress import Report
from embedlab.check.base import Checked
from embedlab.check.plan import Change, Corrected, Decided, Decision, Plan, added, corrected, plan, without
from embedlab.check.report import Inspection
from embedlab.check.run import look
from embedlab.corpus import Corpus
from embedlab.corpus.spellings import labels_of
from embedlab.pipeline import Groups, MeasuredLayout, Prepared
from embedlab.space import Clusters
from pages.app.jobs import kept
from pages.app.widgets import awaited


@dataclass(frozen=True)
class CheckSetup:
    """What a check takes for what: the column of labels, the one that says train or test, and the seed."""

    label: str = ""
    split: str = ""
    seed: int = 0


# --- Checking ------------------------------------------------------------------------------------


def checked(prepared: Prepared, groups: Groups, setup: CheckSetup, threshold: float) -> Checked:
    """Return what was found; until then show how far it is and end this run of the page."""
    return _at(_looked(prepared, groups.clusters, setup, groups), threshold)


@awaited("Stopped before everything was looked at. Nothing was changed.")
def _looked(report: Report, prepared: Prepared, clusters: Clusters, setup: CheckSetup, _groups: Groups) -> Checked:
    corpus = prepared.space.corpus
    labels = labels_of(corpus, setup.label) if setup.label else None
    split = corpus.column(setup.split) if setup.split else None
    return look(prepared, _groups, labels, split, seed=setup.seed, report=report)


@kept
def _at(checked: Checked, threshold: float) -> Checked:
    found = checked.at(threshold)
    _ = found.findings
    return found


listing = kept(Checked.lines)


def inspection(
    checked: Checked, source: str, licence: str, chosen: Sequence[Decision], trusted: MeasuredLayout
) -> Inspection:
    """Return all that a report needs; `chosen` was decided, `trusted` is the map."""
    corrected = outcome(checked, chosen) if chosen else None
    return Inspection(checked, source, licence, corrected, trusted.layout, trusted.trust)


# --- What was decided ----------------------------------------------------------------------------


def decided(texts: Corpus) -> Decided:
    """Return what this person has decided about these texts; it is kept for as long as the session lasts."""
    kept: dict[str, Decided] = st.session_state.setdefault("decided", {})
    return kept.setdefault(texts.fingerprint, {})


def decide(texts: Corpus, decisions: Iterable[Decision]) -> None:
    """Add decisions; the last one about a text counts for each finding."""
    known = decided(texts)
    st.session_state["decided"][texts.fingerprint] = added(known, decisions)


def take_back(texts: Corpus, changes: Iterable[Change] | None = None, found: str | None = None) -> None:
    """Forget what makes some changes, or all decisions; of one finding alone, if `found` names it."""
    known = decided(texts)
    if changes is None:
        left = {} if found is None else {key: one for key, one in known.items() if one.found != found}
    else:
        left = without(known, changes, found)
    st.session_state["decided"][texts.fingerprint] = left


def planned(checked: Checked, decisions: Iterable[Decision] | None = None) -> Plan:
    """Return what decisions come to together: by default what this person has decided, which is worked out once."""
    corpus, repeated = checked.space.corpus, checked.duplicates
    if decisions is not None:
        return plan(corpus, repeated, decisions, checked.ranks)
    known = decided(corpus)
    found: Plan
    among, of, found = st.session_state.get("check-planned", (None, None, Plan()))
    if among is not repeated or of is not known:
        found = planned(checked, known.values())
        st.session_state["check-planned"] = repeated, known, found
    return found


def outcome(checked: Checked, chosen: Iterable[Decision]) -> Corrected:
    """Return the texts with these decisions applied, and the log."""
    label = None if checked.labels is None else checked.labels.name
    return corrected(checked.space.corpus, planned(checked, chosen), checked.personal, label)
