"""What a check looks for: a module for each kind, and the list that everything else walks over."""

from __future__ import annotations

from embedlab.check.base import FindingKind
from embedlab.check.findings.blurred import Blurred
from embedlab.check.findings.copies import Copies
from embedlab.check.findings.cut import CutTexts
from embedlab.check.findings.labels import DoubtfulLabels
from embedlab.check.findings.leaks import Leaks
from embedlab.check.findings.near_duplicates import NearDuplicates
from embedlab.check.findings.outliers import FarTexts
from embedlab.check.findings.personal import PersonalData
from embedlab.check.findings.properties import OddTexts
from embedlab.check.findings.segments import HardRegions

FINDINGS: tuple[FindingKind, ...] = (
    Copies(), NearDuplicates(), DoubtfulLabels(), Leaks(), PersonalData(), CutTexts(), FarTexts(), Blurred(),
    OddTexts(), HardRegions(),
)  # fmt: skip
"""All kinds, in the order in which they are shown where none is worse than another.

From which share on each warns and fails (`FindingKind.limits`): one text in a hundred is worth a look. What fails makes
figures wrong: a hundredth of the held-out texts known by heart moves an accuracy by a point, which is what models are
chosen by; a tenth of the labels doubtful is more than most differences between models; a fifth of the texts cut or
unreadable are not the texts that were meant. Personal data and hard regions are always to be looked at, and never a
reason to stop: they are found by form and by chance's limit only.
"""
