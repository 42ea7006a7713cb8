"""Checking texts: what is checked, the jobs and quick results behind it, and what this person has decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from embedlab.base.errors import EmbedlabError
from embedlab.base.fingerprint import fingerprint
from embedlab.base.progress import Job, Report
from embedlab.check.decisions import Corrected, corrected
from embedlab.check.plan import Change, Decided, Decision, Plan, added, plan, without
from embedlab.check.report import Inspection
from embedlab.check.run import Checked, Finding, Key, check, findings
from embedlab.check.tables import FindingTable, listing
from embedlab.corpus import Corpus
from embedlab.corpus.split import says_which
from embedlab.encoders.capabilities import unknown_to
from embedlab.pipeline import EmbeddingChoice, Groups, MeasuredLayout, Prepared
from pages.app import results, session
from pages.app.jobs import kept, registry
from pages.app.widgets import result_of

STOPPED = "Stopped before everything was looked at. Nothing was changed."


@dataclass(frozen=True)
class CheckSetup:
    """What a check takes for what: the column of labels, the one that says train or test, and the seed."""

    label: str = ""
    split: str = ""
    seed: int = 0


@dataclass(frozen=True, eq=False)
class CheckCase:
    """Texts that were checked, with what they were checked by, and from which likeness on texts are near-duplicates."""

    ground: Prepared
    groups: Groups
    setup: CheckSetup
    checked: Checked
    threshold: float

    @property
    def corpus(self) -> Corpus:
        """The texts."""
        return self.ground.space.corpus

    @property
    def key(self) -> str:
        """Stands for the check, the threshold included."""
        return fingerprint(checked_key(self.ground, self.groups, self.setup), self.threshold)

    def listing(self, key: Key) -> FindingTable:
        """Return the lines of a finding."""
        return _listing(self.key, key, self)

    def inspection(self, source: str, licence: str, chosen: Sequence[Decision], trusted: MeasuredLayout) -> Inspection:
        """Return all that a report needs; `chosen` was decided, `trusted` is the map."""
        return Inspection(
            self.ground.space,
            self.checked,
            self.groups.names,
            self.threshold,
            self.setup.label or None,
            source,
            licence,
            outcome(self, chosen) if chosen else None,
            self.setup.seed,
            trusted.layout,
            trusted.trust,
        )


# --- Checking ------------------------------------------------------------------------------------


def guessed_split(texts: Corpus) -> str:
    """Return the name of a column that says train or test, if there is one."""
    return next((column.name for column in texts.columns if says_which(column)), "")


def checked_key(ground: Prepared, groups: Groups, setup: CheckSetup) -> str:
    """Return the key of one check."""
    return fingerprint("check", ground.space.fingerprint, groups.clusters.fingerprint, repr(setup))


def checked(ground: Prepared, groups: Groups, setup: CheckSetup) -> Checked:
    """Return what was found; until then show how far it is and end this run of the page."""
    key = checked_key(ground, groups, setup)
    return result_of(_job(key, ground, groups, setup), lambda: registry().forget(key), STOPPED)


def _job(key: str, ground: Prepared, groups: Groups, setup: CheckSetup) -> Job[Checked]:
    corpus, how = ground.space.corpus, session.reading()
    labels = corpus.column(setup.label) if setup.label else None
    split = corpus.column(setup.split) if setup.split else None

    def work(report: Report) -> Checked:
        return check(
            ground.space, ground.neighbours, groups.clusters, labels, split,
            unknown=_unknown(ground, how), seed=setup.seed, report=report,
        )  # fmt: skip

    return registry().job(key, work)


def _unknown(ground: Prepared, how: EmbeddingChoice) -> NDArray[np.float32] | None:
    """Return how much of each text the model doesn't know; None where nobody tells, as for own vectors."""
    try:
        return unknown_to(results.encoder(ground.space.fingerprint, how, ground.space), ground.space.corpus.texts)
    except EmbedlabError:
        return None


def found(case: CheckCase) -> tuple[Finding, ...]:
    """Return what was found, kind by kind."""
    return _found(case.key, case)


@kept
def _found(key: str, _case: CheckCase) -> tuple[Finding, ...]:
    return findings(_case.checked, _case.threshold)


@kept
def _listing(key: str, finding: Key, _case: CheckCase) -> FindingTable:
    return listing(_case.checked, finding, _case.corpus, _case.threshold, _case.groups.names)


# --- What was decided ----------------------------------------------------------------------------


def decided(texts: Corpus) -> Decided:
    """Return what this person has decided about these texts; it is kept for as long as the session lasts."""
    kept: dict[str, Decided] = st.session_state.setdefault("decided", {})
    return kept.setdefault(texts.fingerprint, {})


def decide(texts: Corpus, decisions: Iterable[Decision]) -> None:
    """Add decisions; the last one about a text counts for each finding."""
    known = decided(texts)
    st.session_state["decided"][texts.fingerprint] = added(known, decisions)


def take_back(texts: Corpus, changes: Iterable[Change] | None = None, found: Key | None = None) -> None:
    """Forget what makes some changes, or all decisions; of one finding alone, if `found` names it."""
    known = decided(texts)
    if changes is None:
        made = {} if found is None else {key: one for key, one in known.items() if one.found != found}
    else:
        made = without(known, changes, found)
    st.session_state["decided"][texts.fingerprint] = made


def planned(case: CheckCase, decisions: Iterable[Decision] | None = None) -> Plan:
    """Return what decisions come to together: by default what this person has decided, which is worked out once."""
    if decisions is not None:
        return plan(case.corpus, case.checked.duplicates, decisions, case.checked.ranks)
    known = decided(case.corpus)
    made: Plan
    checked, of, made = st.session_state.get("check-planned", (None, None, Plan()))
    if checked is not case.checked or of is not known:
        made = planned(case, known.values())
        st.session_state["check-planned"] = case.checked, known, made
    return made


def outcome(case: CheckCase, chosen: Iterable[Decision]) -> Corrected:
    """Return the texts with these decisions applied, and the log."""
    return corrected(case.corpus, planned(case, chosen), case.checked.personal, case.setup.label or None)
