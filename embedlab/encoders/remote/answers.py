"""What an endpoint's answer says: vectors, in any of their usual shapes; or what went wrong, in its own words."""

from __future__ import annotations

import base64
import email.utils
import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from embedlab.base.arrays import Floats
from embedlab.base.english import counted
from embedlab.encoders.base import Vectors, first_bad, unit

TRIES = 6
ANSWER_TRIES = 3  # an answer that makes no sense seldom makes more later
MOST_WAIT = 60.0

About = Literal["", "size", "length"]


class AgainError(Exception):
    """Worth another try, `tries` in all and none before `wait` seconds; `said` follows on "The endpoint HOST".

    `everyone` says that it has nothing to do with the texts that were sent, as a limit of requests a minute.
    """

    def __init__(self, said: str, advice: str, tries: int = TRIES, wait: float = 0.0, everyone: bool = False) -> None:
        super().__init__(said)
        self.said, self.advice, self.tries, self.wait, self.everyone = said, advice, tries, wait, everyone


class SlowError(Exception):
    """No answer in time: fewer texts may be answered."""


class RefusedError(Exception):
    """The request as it is will never be answered: fewer texts may be.

    `about` says what the endpoint complained of, as far as its words tell: the "size" of the batch or the "length" of a
    text. `most` is the number of texts that it names as its limit, `ratio` what share of a text it would take; 0 where
    it doesn't say. `confirmed` says that the endpoint is known to answer others meanwhile.
    """

    def __init__(self, said: str, asked: int, confirmed: bool = False) -> None:
        super().__init__(said)
        self.confirmed = confirmed
        self.about = _about(said)
        self.most = _most(said, asked) if self.about == "size" else 0
        self.ratio = _ratio(said) if self.about == "length" else 0.0


def senseless(said: str, advice: str = "") -> AgainError:
    """Return the error for an answer that makes no sense; it is asked for again a few times."""
    return AgainError(said, advice or "check that base_url and model are those of an embedding model", ANSWER_TRIES)


# --- Vectors -------------------------------------------------------------------------------------


def vectors_in(answer: Any, texts: Sequence[str], dimensions: int | None = None) -> Vectors:
    """Return the vectors that an answer brings for `texts`, float32 rows of length 1, each of `dimensions` if given.

    Raises `AgainError` for an answer that makes no sense.
    """
    found = _rows(answer, len(texts))
    expected = dimensions or len(found[0])
    for row in found:
        if len(row) != expected or not expected:
            raise senseless(f"sent a vector of {len(row):,} dimensions where {expected:,} were expected")
    with np.errstate(over="ignore"):
        vectors = np.stack(found).astype(np.float32)
    if bad := first_bad(vectors):
        raise senseless(f"sent {bad[1]} for the text “{texts[bad[0]][:60]}”")
    return unit(vectors.astype(np.float64))


def parsed(content: bytes) -> Any:
    """Return what the body of a success holds. Raises `AgainError` where it is not JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        pass
    if _is_page(content):
        raise senseless(
            "answered with a web page that is not JSON",
            "put the address of its programming interface into base_url, which often ends in /v1",
        )
    raise senseless("answered with something that is not JSON")


def _rows(answer: Any, count: int) -> list[Floats]:
    """Return the `count` vectors of an answer, in the order of the texts."""
    entries = _entries(answer, count)
    if len(entries) != count:
        raise senseless(f"sent {counted(len(entries), 'vector')} for {counted(count, 'text')}")
    if all(isinstance(entry, dict) for entry in entries):
        entries = [entries[place].get("embedding") for place in _places(entries)]
    return [_numbers(entry) for entry in entries]


def _entries(answer: Any, count: int) -> list[Any]:
    """Return an entry a text: of `data` (OpenAI), `embeddings` (Ollama), `embedding` (one text), or bare (TEI)."""
    found = answer
    if isinstance(answer, dict):
        found = next((answer[key] for key in ("data", "embeddings", "embedding") if key in answer), None)
        if isinstance(found, dict):
            found = found.get("float")
    if not isinstance(found, list):
        raise senseless("answered without vectors")
    flat = bool(found) and all(type(one) in (int, float) for one in found)
    if flat and count == 1 and not (isinstance(answer, dict) and "data" in answer):
        return [found]
    if not all(isinstance(one, dict | list | str) or one is None for one in found):
        raise senseless("answered without vectors")
    return found


def _places(entries: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return where the entry of each text stands; in the order given where no entry has an index.

    One index alone may be missing: some servers leave out a 0.
    """
    indices = [entry.get("index") for entry in entries]
    if all(index is None for index in indices):
        return list(range(len(entries)))
    if indices.count(None) == 1:
        left = set(range(len(entries))) - {index for index in indices if type(index) is int}
        indices[indices.index(None)] = left.pop() if len(left) == 1 else None
    places = {index: place for place, index in enumerate(indices) if type(index) is int}
    if set(places) != set(range(len(entries))):
        raise senseless("sent vectors without saying which text each belongs to")
    return [places[index] for index in range(len(entries))]


def _numbers(embedding: object) -> Floats:
    """Return one vector: a list of numbers, or float32 little-endian in base64."""
    try:
        if isinstance(embedding, str):
            return np.frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4").astype(np.float64)
        if isinstance(embedding, list) and set(map(type, embedding)) <= {int, float}:
            return np.array(embedding, dtype=np.float64)
    except (ValueError, OverflowError):
        pass
    if isinstance(embedding, list) and embedding and all(isinstance(one, list) for one in embedding):
        raise senseless(
            "sent a list of vectors for one text, as a model does that gives one for each token",
            "switch pooling on there, or choose a model that is made for embedding whole texts",
        )
    raise senseless("sent something other than numbers as a vector")


# --- What went wrong -----------------------------------------------------------------------------


def complaint(content: bytes) -> tuple[str, str]:
    """Return the message and the code in the body of an error, as they are; empty where there are none."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return _in_plain_text(content), ""
    return complaint_in(answer)


def complaint_in(answer: Any) -> tuple[str, str]:
    """Return the message and the code that an answer holds instead of vectors; empty where there are none."""
    if not isinstance(answer, dict) or any(answer.get(key) is not None for key in ("data", "embeddings", "embedding")):
        return "", ""
    error = answer.get("error") or answer.get("errors") or answer
    error = error[0] if isinstance(error, list) and error else error
    if isinstance(error, str):
        return error, str(answer.get("code") or "")
    if not isinstance(error, dict):
        return "", ""
    message = next((told for key in ("message", "detail", "msg") if (told := _told(error.get(key)))), "")
    return message, str(error.get("code") or error.get("status") or error.get("type") or "")


def _told(said: object) -> str:
    """Return a message; of a list of faults in the request, as FastAPI has them, that of each."""
    if isinstance(said, list):
        return "; ".join(str(one.get("msg") or "") for one in said if isinstance(one, dict))
    if isinstance(said, dict):
        return _told(said.get("message") or said.get("msg") or said.get("error"))
    return said if isinstance(said, str) else ""


def _in_plain_text(content: bytes) -> str:
    text = content[:2_000].decode("utf-8", errors="replace")
    if _is_page(content):
        title = re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE)
        return title.group(1) if title else ""
    lines = text.strip().splitlines()
    return lines[0] if lines and lines[0].isprintable() else ""


def _is_page(content: bytes) -> bool:
    return re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|head|\?xml)", content[:200], re.IGNORECASE) is not None


_BATCH = re.compile(
    r"batch[ _-]?size|batch (limit|exceed|too)|in (one|a|the) batch|(array|list) (is )?too (long|large)|"
    r"at most [\d,]+ (inputs|texts|items|documents|strings)",
    re.IGNORECASE,
)
_LENGTH = re.compile(
    r"context|tokens?\b|too long|sequence|input length|longer than|characters|max_position|maximum length",
    re.IGNORECASE,
)
_SIZE = re.compile(
    r"\bbatch|too many|(inputs?|texts?|items?|elements?|documents?|array|list|entries|strings)\b.{0,60}"
    r"(less|fewer|most|max|exceed|more than|limit|large|long)|(most|max\w*|limit\w*|exceed\w*|than)\b.{0,40}"
    r"(inputs?|texts?|items?|elements?|documents?|entries|strings)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.-])\d[\d,]*(?![\w-]|\.\d)")


def _about(said: str) -> About:
    if _BATCH.search(said):
        return "size"
    if _LENGTH.search(said):
        return "length"
    return "size" if _SIZE.search(said) else ""


def _figures(said: str) -> list[int]:
    """Return the whole numbers in a message, without the status that stands before it."""
    message = re.sub(r"^\d{3}\b", "", said)
    return [int(figure.replace(",", "")) for figure in _NUMBER.findall(message) if len(figure) < 12]


def _most(said: str, asked: int) -> int:
    """Return how many texts at once a message allows where `asked` were too many; 0 where it doesn't tell."""
    return max((figure for figure in _figures(said) if 0 < figure < asked), default=0)


def _ratio(said: str) -> float:
    """Return which share of a text a message allows ("at most 512 tokens, got 700"); 0 where it doesn't tell."""
    found = sorted({figure for figure in _figures(said) if figure > 16})
    return found[0] / found[1] if len(found) == 2 else 0.0


# --- How long to wait ----------------------------------------------------------------------------

_IN_BODY = re.compile(
    r"(?:retry[ _-]?(?:after|delay)|try again in|retry in|wait)[\"'\s:=]{0,5}(?:for |about )?"
    r"(?:(\d+)\s?m(?:in(?:ute)?s?)?\s?(?=\d))?(\d+(?:\.\d+)?)\s?(ms|milliseconds?|m(?:in(?:ute)?s?)?\b|s|)",
    re.IGNORECASE,
)


def wait_asked(headers: Mapping[str, str], content: bytes) -> float:
    """Return the seconds that an endpoint asks to wait, in a header or in its message, at most `MOST_WAIT`; or 0."""
    asked = _milliseconds(headers.get("retry-after-ms", "")) or retry_after(headers.get("Retry-After", ""))
    return asked or _in_body(content[:4_000].decode("utf-8", errors="replace"))


def _milliseconds(header: str) -> float:
    return min(MOST_WAIT, int(header) / 1_000) if re.fullmatch(r"\d{1,9}", header) else 0.0


def _in_body(said: str) -> float:
    found = _IN_BODY.search(said)
    if found is None:
        return 0.0
    minutes, figure, kind = found.groups()
    each = 0.001 if re.match(r"ms|milli", kind, re.IGNORECASE) else 60.0 if kind[:1].lower() == "m" else 1.0
    return min(MOST_WAIT, 60.0 * int(minutes or 0) + float(figure) * each)


def retry_after(header: str) -> float:
    """Return the seconds that the header asks to wait (RFC 9110, 10.2.3), at most `MOST_WAIT`; 0 if it is no use."""
    try:
        seconds = min(int(header), MOST_WAIT)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return 0.0
    return min(MOST_WAIT, max(0.0, seconds))
