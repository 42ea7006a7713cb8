"""One endpoint as it is asked: a request, what its answer means, when to ask again, and what it doesn't take.

The key goes into the request's header and nowhere else.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embedlab.base.errors import EmbedlabError
from embedlab.encoders.base import PROBE, Vectors
from embedlab.encoders.remote.answers import (
    MOST_WAIT,
    TRIES,
    AgainError,
    RefusedError,
    SlowError,
    complaint,
    complaint_in,
    parsed,
    senseless,
    vectors_in,
    wait_asked,
)
from embedlab.encoders.remote.endpoint import OLLAMA, TEI, Endpoint
from embedlab.text.normalise import well_formed

if TYPE_CHECKING:
    import httpx2

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
FIRST_WAIT = 0.5
PROBE_TRIES = 3  # whoever chooses a model is waiting
DOUBTED = 3  # after so many failures it is asked whether the texts are the reason
ALONE = 2  # and so often is a text asked for again that is thought to be the reason

MOST_DIMENSIONS = 65_536
BYTES_A_NUMBER = 64
BYTES_BESIDES = 65_536

LISTS = "list"
"""Stands among what is left out for a list of texts: the endpoint takes one text, and not as a list."""
_NAMED_BY = {"dimensions": r"dimension|matryoshka", "encoding_format": r"encoding|format", "truncate": "truncat"}


@dataclass
class Learnt:
    """What this process has found out about an endpoint: it is not found out anew.

    `left_out` are the optional fields that it refuses. `most` texts at once, or `characters` of them all together, are
    what it takes, as far as known. `accepted` is the largest batch that it took, `readable` the characters of the last
    text that was cut to what it reads. `spoilt` says that some text made it fail.
    """

    left_out: tuple[str, ...] = ()
    most: int | None = None
    characters: int | None = None
    accepted: int = 0
    readable: int = 0
    spoilt: bool = False


_learnt: dict[tuple[str, str, int | None], Learnt] = {}


def learnt_of(endpoint: Endpoint) -> Learnt:
    """Return what this process knows of an endpoint."""
    return _learnt.setdefault((endpoint.address, endpoint.model, endpoint.dimensions), Learnt())


def forget() -> None:
    """Forget what was found out about all endpoints."""
    _learnt.clear()


class Connection:
    """Asks one endpoint for vectors. `dimensions` is 0 until `open` has learnt it. Threads may share one.

    `sleep` is called for each wait; it may raise to give up.
    """

    def __init__(self, endpoint: Endpoint, sleep: Callable[[float], object], chance: Callable[[], float]) -> None:
        self.endpoint, self.sleep, self._chance = endpoint, sleep, chance
        self.learnt = learnt_of(endpoint)
        self.dimensions = 0
        self._client = _client(endpoint)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    @property
    def subject(self) -> str:
        """How a sentence about the endpoint begins."""
        return f"The endpoint {self.endpoint.host}"

    @property
    def most(self) -> int:
        """How many texts it gets at once."""
        return min(self.endpoint.batch, self.learnt.most or self.endpoint.batch)

    # --- Asking ---

    def open(self) -> None:
        """Ask for a short text, to learn the dimension and which optional fields the endpoint refuses."""
        try:
            self.dimensions = int(self._short().shape[1])
        except RefusedError as refused:
            self.dimensions = self._without(refused)

    def _short(self) -> Vectors:
        return self.ask([PROBE], PROBE_TRIES)

    def _without(self, refused: RefusedError) -> int:
        """Return the dimensions once some optional fields are left out; those that the refusal names come first."""
        before = self.learnt.left_out
        for fields in self._fewer(str(refused)):
            self.learnt.left_out = fields
            try:
                return int(self._short().shape[1])
            except RefusedError:
                continue
            except BaseException:
                self.learnt.left_out = before
                raise
        self.learnt.left_out = before
        raise EmbedlabError(
            f"{self.subject} refuses even a short text ({refused}): check the model “{self.endpoint.model}” and the "
            "settings of the endpoint."
        )

    def _fewer(self, said: str) -> Iterator[tuple[str, ...]]:
        """Yield what to leave out of a request: as little as possible first, and of that what was named."""
        optional = [field for field in self._optional() if field not in self.learnt.left_out]
        optional.sort(key=lambda field: re.search(_NAMED_BY[field], said, re.IGNORECASE) is None)
        for count in range(1, len(optional) + 1):
            for some in itertools.combinations(optional, count):
                yield (*self.learnt.left_out, *some)
        yield (*self.learnt.left_out, LISTS)
        if optional:
            yield (*self.learnt.left_out, *optional, LISTS)

    def ask(self, texts: Sequence[str], tries: int = TRIES, prompt: int = 0, doubted: bool = False) -> Vectors:
        """Return the vectors of `texts`, asking up to `tries` times; their first `prompt` characters aren't the user's.

        `doubted` texts are thought to be what makes the endpoint fail. Raises `RefusedError` where others would be
        answered, `SlowError` for no answer in time, `EmbedlabError` where the endpoint is of no use.
        """
        for attempt in itertools.count(1):
            try:
                return self._answered(texts, prompt)
            except AgainError as fault:
                last = attempt >= min(tries, fault.tries)
                if not fault.everyone and self.dimensions:
                    if doubted and len(texts) > 1:
                        raise RefusedError(fault.said, 0, confirmed=True) from None
                    due = last or attempt == self._doubt(len(texts), doubted)
                    if due and self.answers():
                        raise RefusedError(fault.said, 0, confirmed=True) from None
                if last:
                    raise EmbedlabError(
                        f"{self.subject} {fault.said}, {attempt} times in a row: {fault.advice}."
                    ) from None
                self.sleep(max(fault.wait, self.pause(attempt - 1)))
        raise AssertionError

    def _doubt(self, count: int, doubted: bool) -> int:
        """Return after how many failures it is asked whether the texts are the reason; a text alone is given time."""
        if count == 1:
            return ALONE if doubted or self.learnt.spoilt else TRIES
        return 1 if self.learnt.spoilt else DOUBTED

    def answers(self) -> bool:
        """Say whether the endpoint still answers the short text that it answered at first."""
        try:
            self._answered([PROBE], 0)
        except (AgainError, SlowError, RefusedError, EmbedlabError):
            return False
        return True

    def pause(self, before: int) -> float:
        """Return the seconds to wait after `before` earlier waits: doubling, and never the same for two clients."""
        return min(MOST_WAIT, FIRST_WAIT * 2.0**before) * (1 + self._chance()) / 2

    # --- One request ---

    def _optional(self) -> dict[str, Any]:
        """Return the fields that an endpoint may refuse, with their values."""
        fields: dict[str, Any] = {}
        if self.endpoint.style in (OLLAMA, TEI):
            fields["truncate"] = False  # what is cut there would be cut in silence
        else:
            fields["encoding_format"] = "float"
        return fields | ({"dimensions": self.endpoint.dimensions} if self.endpoint.dimensions else {})

    def _request(self, texts: Sequence[str]) -> dict[str, Any]:
        left_out = self.learnt.left_out
        optional = {field: value for field, value in self._optional().items() if field not in left_out}
        given = texts[0] if LISTS in left_out else list(texts)
        if self.endpoint.style == TEI:
            return {"inputs": given, **optional}
        return {"model": self.endpoint.model, "input": given, **optional}

    def _answered(self, texts: Sequence[str], prompt: int) -> Vectors:
        """Send one request and return what it brings."""
        if LISTS in self.learnt.left_out and len(texts) > 1:
            raise RefusedError("one text at a time", 0)
        most = BYTES_BESIDES + len(texts) * BYTES_A_NUMBER * (self.dimensions or MOST_DIMENSIONS)
        status, headers, content = self._sent(json.dumps(self._request(texts)).encode(), most)
        if not 200 <= status < 300:
            raise self._fault(status, headers, content, len(texts))
        if len(content) > most:
            raise senseless(f"answered with more than {most:,} bytes")
        answer = parsed(content)
        message, code = complaint_in(answer)
        if message:
            raise self._error_in_success(message, code, content, len(texts))
        wanted = None if "dimensions" in self.learnt.left_out else self.endpoint.dimensions
        return vectors_in(answer, [text[prompt:] for text in texts], self.dimensions or wanted)

    def _sent(self, body: bytes, most: int) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and content; of a content longer than `most` bytes, only its beginning."""
        import httpx2

        try:
            with self._client.stream("POST", self.endpoint.address, content=body) as response:
                return response.status_code, response.headers, _content(response, most)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError) as error:
            raise AgainError(
                f"can't be reached ({self._safe(str(error)) or 'no answer'})",
                "check that it runs, and that its address is right",
                everyone=True,
            ) from None
        except httpx2.TimeoutException:
            raise SlowError from None
        except httpx2.DecodingError:
            raise senseless("sent an answer that can't be unpacked") from None
        except httpx2.TransportError:
            raise AgainError("dropped the connection", "see whether it still runs, and start again") from None

    # --- What an answer other than vectors means ---

    def _error_in_success(self, message: str, code: str, content: bytes, asked: int) -> Exception:
        """Return what an answer means that calls itself a success and holds an error."""
        status = int(code) if re.fullmatch(r"[45]\d\d", code) else 0
        if status:
            return self._fault(status, {}, content, asked)
        said = self._safe(message)
        refused = RefusedError(f"200: “{said}”", asked)
        if refused.about:
            return refused
        return senseless(
            f"answered with an error instead of vectors (“{said}”)" if said else "answered without vectors"
        )

    def _fault(self, status: int, headers: Mapping[str, str], content: bytes, asked: int) -> Exception:
        """Return what an answer other than a success means; it was `asked` for so many texts."""
        message, code = complaint(content)
        said = self._safe(message)
        answered = f"{status}: “{said}”" if said else f"{status}"
        if status in (401, 403):
            fault = "refuses the key" if self.endpoint.key else "wants a key"
            return EmbedlabError(
                f"{self.subject} {fault} ({status}): put a valid one into .streamlit/secrets.toml or "
                "EMBEDLAB_REMOTE_KEY."
            )
        if status in (404, 405):
            return EmbedlabError(self._unknown(status, said, answered))
        if status in (400, 413, 422):
            return RefusedError(answered, asked)
        if code == "insufficient_quota" or status == 402:
            return EmbedlabError(f"{self.subject} says that the quota is used up ({answered}): see your account there.")
        if (status in (408, 425, 429) or status >= 500) and status != 501:
            return AgainError(
                f"answered {answered}",
                f"{'wait a while' if status == 429 else 'see what is wrong there'}, then start again; what was done is "
                "kept",
                wait=wait_asked(headers, content),
                everyone=status == 429,
            )
        if 300 <= status < 400:
            return EmbedlabError(
                f"{self.subject} sends requests on to another address ({status}), which embedlab does not follow: put "
                "the final address into base_url."
            )
        return EmbedlabError(f"{self.subject} answered {answered}: check base_url and model.")

    def _unknown(self, status: int, said: str, answered: str) -> str:
        """Say what an endpoint doesn't know, the model or the path, as far as its words tell."""
        model, path = self.endpoint.model, self.endpoint.path
        if status == 404 and (model.lower() in said.lower() or re.search(r"\bmodel\b", said, re.IGNORECASE)):
            return (
                f"{self.subject} does not know the model “{model}” ({answered}): write its name as the endpoint has "
                "it, or load it there."
            )
        return (
            f"{self.subject} does not know the model “{model}” or the path {path} ({answered}): check both; an address "
            "that ends in /v1 or in /embeddings says where to send texts."
        )

    def _safe(self, said: str) -> str:
        """Return at most 160 characters of what a server said; nothing if it said a part of the key."""
        key = self.endpoint.key
        if key and any(key[start : start + 8] in said for start in range(max(1, len(key) - 7))):
            return ""
        return " ".join(re.sub(r"[^\w\s!-~]", " ", well_formed(said)).split())[:160].rstrip(".")


def _client(endpoint: Endpoint) -> httpx2.Client:
    import httpx2

    headers = {"Content-Type": "application/json", "User-Agent": "embedlab"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    try:
        host = httpx2.URL(endpoint.address).netloc.decode()
        return httpx2.Client(
            headers=headers,
            timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
            mounts={f"all://{host}": None} if endpoint.on_this_machine else None,  # past any proxy
        )
    except (httpx2.InvalidURL, ValueError, ImportError):
        raise EmbedlabError(
            f"The endpoint {endpoint.host} can't be used: check base_url, and the proxy that the environment names."
        ) from None


def _content(response: httpx2.Response, most: int) -> bytes:
    """Read until the end, `most` bytes or the time is up: a time-out alone would let a trickle go on for ever."""
    end = time.monotonic() + 2 * READ_SECONDS
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > most:
            break
        if time.monotonic() > end:
            raise SlowError
    return bytes(content)
