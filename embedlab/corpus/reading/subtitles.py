"""Subtitles: the sentences that are spoken, with the time at which each begins."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from embedlab.base.english import counted
from embedlab.corpus.cells import MAX_ROWS, Raw, beyond_limit
from embedlab.corpus.corpus import Note
from embedlab.corpus.layout import FileLayout

PAUSE = 4.0
"""Seconds without a word after which a new sentence begins, whatever stands before them."""
LONGEST = 400
"""Characters after which a text without full stops is ended, as automatic subtitles have none."""

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?"
_CUE = re.compile(rf"\s*{_TIME}\s*(?:-->|,)\s*{_TIME}(?:\s+\S.*)?\s*")
_MARK = re.compile(r"<[^<>]*>|\{\\?[^{}]*\}")
_VOICE = re.compile(r"<v(?:\.[\w.]+)?\s+([^<>]+)>")
_DASH = re.compile(r"(?:^|(?<=\n))\s*(?:[-‐–—]\s*|>>+\s*)(?=\S)")
_END = re.compile(r"(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bSt)[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+[”’」』）]*")


@dataclass(frozen=True)
class _Cue:
    start: float
    end: float
    lines: tuple[str, ...]


def read_subtitles(text: str) -> Raw | None:
    """Read SubRip, WebVTT or SBV as a row a sentence, across cues, with its start in seconds; None for other text."""
    if "-->" not in text[:20_000] and not re.search(rf"^{_TIME},{_TIME}\s*$", text[:5000], re.MULTILINE):
        return None
    cues = list(_cues(text.splitlines()))
    if not cues or (len(cues) < 2 and not text.startswith("WEBVTT")):
        return None
    sentences = list(_sentences(_not_twice(cues)))
    if not sentences:
        return None
    kept = sentences[:MAX_ROWS]
    voices = [voice for _, _, voice in kept]
    names, columns = ["text", "start (s)"], [[text for _, text, _ in kept], [start for start, _, _ in kept]]
    if any(voices):
        names, columns = [*names, "speaker"], [*columns, voices]
    sentence = f"{counted(len(cues), 'subtitle')} were joined to {counted(len(sentences), 'sentence')}."
    notes = [Note("info", len(cues), sentence), *beyond_limit(len(sentences) - len(kept))]
    return Raw(names, columns, len(sentences), notes, layout=FileLayout(unit="sentence"), units=("sentence", "line"))


def _cues(lines: list[str]) -> Iterator[_Cue]:
    """Yield what stands below each line of times, up to a blank line or the next cue's number."""
    starts = [at for at, line in enumerate(lines) if _CUE.fullmatch(line)]
    for at, following in zip(starts, [*starts, len(lines) + 1][1:], strict=True):
        found = _CUE.fullmatch(lines[at])
        assert found is not None
        block = lines[at + 1 : following]
        if following <= len(lines) and block and (block[-1].strip().isdigit() or not block[-1].strip()):
            block = block[:-1]
        elif following <= len(lines) and len(block) > 1 and not block[-2].strip():
            block = block[:-1]  # the name of the next cue
        until = next((place for place, line in enumerate(block) if not line.strip() and place), len(block))
        said = tuple(line.strip() for line in block[:until] if line.strip())
        if said:
            yield _Cue(_seconds(found.groups()[:4]), _seconds(found.groups()[4:]), said)


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, rest = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{rest or 0}")


def _not_twice(cues: list[_Cue]) -> list[_Cue]:
    """Leave out lines that a cue only repeats from the one before, as rolling subtitles do."""
    kept, before = [], ("", 0.0)
    for cue in cues:
        lines = cue.lines
        if _bare(lines[0]) == before[0] and cue.start <= before[1] + 0.1:
            lines = lines[1:]
        before = (_bare(cue.lines[-1]), cue.end)
        if lines:
            kept.append(_Cue(cue.start, cue.end, lines))
    return kept


def _bare(line: str) -> str:
    return html.unescape(_MARK.sub("", line)).replace("\u200e", "").replace("\\N", " ").strip()


def _sentences(cues: list[_Cue]) -> Iterator[tuple[float, str, str | None]]:
    """Yield start, sentence and speaker. A sentence ends with its full stop, a pause, or where another one speaks."""
    held, start, voice, last = "", 0.0, None, 0.0
    for cue in cues:
        for turn, (speaker, words) in enumerate(_turns(cue.lines)):
            dashed = speaker == "-"
            named = None if dashed or not speaker else speaker
            if held and (
                dashed or turn or cue.start - last > PAUSE or len(held) > LONGEST or (named and named != voice)
            ):
                yield start, held, voice
                held = ""
            start, voice = (start, voice) if held else (cue.start, named)
            held = f"{held} {words}".strip()
            whole, held = _ended(held)
            for part in whole:
                yield start, part, voice
                start = cue.start
        last = cue.end
    if held:
        yield start, held, voice


def _ended(text: str) -> tuple[list[str], str]:
    """Return the sentences that have ended, and what is left."""
    edges = [0, *(end.end() for end in _END.finditer(text))]
    return [text[start:end].strip() for start, end in pairwise(edges)], text[edges[-1] :].strip()


def _turns(lines: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield who speaks (a name, "-" where only a dash tells that it is another one) and what is said."""
    found = _VOICE.search(lines[0])
    text = "\n".join(_bare(line) for line in lines)
    dashes = list(_DASH.finditer(text))
    edges = [0, *(dash.start() for dash in dashes if dash.start()), len(text)]
    for start, end in pairwise(edges):
        part = text[start:end]
        mark = _DASH.match(part)
        words = " ".join((part[mark.end() :] if mark else part).split())
        if words:
            yield (found[1].strip() if found else "-" if mark else ""), words
