"""Models on another computer, behind the `/v1/embeddings` interface that OpenAI, Ollama, vLLM and TEI share.

The key goes into the request's header and nowhere else.
"""

from __future__ import annotations

import base64
import email.utils
import itertools
import json
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from embedlab.base.arrays import Floats
from embedlab.base.errors import EmbedlabError
from embedlab.encoders.base import PROBE, REMOTE, EncoderInfo, ModelEntry, Vectors, first_bad, not_ready, unit
from embedlab.encoders.remote.endpoint import Configured, Endpoint, configured
from embedlab.text.normalise import well_formed

if TYPE_CHECKING:
    import httpx2

MOST_CHARACTERS = 100_000  # in one request, unless a single text has more

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
FIRST_WAIT = 0.5
MOST_WAIT = 60.0
PROBE_TRIES = 3  # whoever chooses a model is waiting
SLOW_TRIES = 4

MOST_DIMENSIONS = 65_536
BYTES_A_NUMBER = 64
BYTES_BESIDES = 65_536


TRIES = 6
ANSWER_TRIES = 3  # an answer that makes no sense seldom makes more later


class AgainError(Exception):
    """Worth another try, `tries` in all and none before `wait` seconds; `said` follows on "The endpoint HOST"."""

    def __init__(self, said: str, advice: str, tries: int = TRIES, wait: float = 0.0) -> None:
        super().__init__(said)
        self.said, self.advice, self.tries, self.wait = said, advice, tries, wait


class SlowError(Exception):
    """No answer in time: fewer texts may be answered."""


class RefusedError(Exception):
    """The request as it is will never be answered: fewer texts may be."""


def senseless(said: str) -> AgainError:
    """Return the error for an answer that makes no sense; it is asked for again a few times."""
    return AgainError(said, "check that base_url and model are those of an embedding model", ANSWER_TRIES)


def vectors_in(content: bytes, texts: Sequence[str], dimensions: int | None = None) -> Vectors:
    """Return the vectors that an answer brings for `texts`, float32 rows of length 1, each of `dimensions` if given.

    Raises `AgainError` for an answer that makes no sense.
    """
    found = _rows(content, len(texts))
    expected = dimensions or len(found[0])
    for row in found:
        if len(row) != expected or not expected:
            raise senseless(f"sent a vector of {len(row):,} dimensions where {expected:,} were expected")
    with np.errstate(over="ignore"):
        vectors = np.stack(found).astype(np.float32)
    if bad := first_bad(vectors):
        raise senseless(f"sent {bad[1]} for the text “{texts[bad[0]][:60]}”")
    return unit(vectors.astype(np.float64))


def _rows(content: bytes, count: int) -> list[Floats]:
    """Return the `count` vectors of an answer, in the order of their index."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise senseless("answered with something that is not JSON") from None
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise senseless("answered without vectors")
    if len(data) != count:
        raise senseless(f"sent {len(data):,} vectors for {count:,} texts")
    places = {entry.get("index"): entry for entry in data if type(entry.get("index")) is int}
    if set(places) != set(range(count)):
        raise senseless("sent vectors without saying which text each belongs to")
    return [_numbers(places[index].get("embedding")) for index in range(count)]


def _numbers(embedding: object) -> Floats:
    """Return one vector: a list of numbers, or float32 little-endian in base64."""
    try:
        if isinstance(embedding, str):
            return np.frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4").astype(np.float64)
        if isinstance(embedding, list) and set(map(type, embedding)) <= {int, float}:
            return np.array(embedding, dtype=np.float64)
    except (ValueError, OverflowError):
        pass
    raise senseless("sent something other than numbers as a vector")


def entries() -> tuple[ModelEntry, ...]:
    """Return the models that the operator configured; nobody is contacted, and one that can't be used says why."""
    return tuple(_listing(one) for one in configured())


def _listing(one: Configured) -> ModelEntry:
    name, endpoint, problem = f"remote/{one.name}", one.endpoint, one.problem
    if endpoint is None:
        return not_ready(name, REMOTE, problem)
    return ModelEntry(
        name=name,
        family=REMOTE,
        ready=True,
        how=f"Texts are sent to {endpoint.address}{', unencrypted' if endpoint.open_to_others else ''}.",
        open=lambda exact, texts: RemoteEncoder(endpoint),
        dimensions=endpoint.dimensions,
        window=endpoint.window or None,
        prompt=endpoint.prompt,
        query_prompt=endpoint.query_prompt,
    )


class RemoteEncoder:
    """A model behind `/v1/embeddings`. Threads may share one.

    A short text is sent at once to learn the dimension. Whatever may pass (429, 5xx, a lost connection, no answer
    in time, an answer that makes no sense) is tried again after a wait that doubles, and that is never shorter than
    `Retry-After` asks, up to 60 seconds. A batch that is refused or too slow is tried in halves. `sleep` is called
    for each wait; it may raise to give up, since nothing else ends a wait before its time. A server that puts other
    weights behind the same address and model name is not noticed.

    Raises `EmbedlabError` when the endpoint can't be reached, refuses, or doesn't answer with vectors.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        sleep: Callable[[float], object] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._endpoint, self._sleep, self._chance = endpoint, sleep, chance
        self._most = endpoint.batch
        self._dimensions = 0
        self._client = _client(endpoint)
        try:
            self._dimensions = self._vectors([PROBE], PROBE_TRIES).shape[1]
        except BaseException:
            self.close()
            raise
        self.card = EncoderInfo(
            model=endpoint.model,
            weights=f"remote {endpoint.host}{endpoint.path}",
            dimensions=self._dimensions,
            window=endpoint.window,
            runtime=f"remote, {endpoint.host}",
            prompt=endpoint.prompt,
            query_prompt=endpoint.query_prompt,
            at_once=endpoint.batch,
        )

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        """Return float32 (len(texts), dimensions), unit rows in the order of `texts`; see `Encoder`."""
        prompt = self.card.prompt_of(query)
        return self._vectors([prompt + well_formed(text) for text in texts], TRIES, len(prompt))

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _vectors(self, texts: list[str], tries: int, prompt: int = 0) -> Vectors:
        """Return the vectors of `texts`, whose first `prompt` characters are not the user's."""
        made = [np.empty((0, self._dimensions), dtype=np.float32)] if self._dimensions else []
        start, most, slow = 0, self._most, 0
        while start < len(texts):
            batch = _first(texts[start:], most)
            try:
                made.append(self._asked(batch, tries, prompt))
                start, slow = start + len(batch), 0
            except RefusedError as refused:
                if len(batch) == 1:
                    raise EmbedlabError(self._refusal(batch[0][prompt:], str(refused))) from None
                most = len(batch) // 2
            except SlowError:
                slow += 1
                if slow == min(tries, SLOW_TRIES):
                    raise EmbedlabError(
                        f"The endpoint {self._endpoint.host} did not answer within {READ_SECONDS:g} seconds, {slow} "
                        "times in a row: see what it is busy with, or set a smaller batch."
                    ) from None
                if len(batch) == self._most > 1:
                    self._most //= 2
                most = max(1, len(batch) // 2)
                self._sleep(self._pause(slow - 1))
        return np.concatenate(made)

    def _refusal(self, text: str, said: str) -> str:
        if not self._dimensions:
            return (
                f"The endpoint {self._endpoint.host} refuses even a short text ({said}): check the model "
                f"“{self._endpoint.model}” and the settings of the endpoint."
            )
        return (
            f"The endpoint {self._endpoint.host} refuses the text “{text[:60]}” ({said}): shorten that text or leave "
            "it out."
        )

    def _asked(self, texts: list[str], tries: int, prompt: int) -> Vectors:
        for attempt in itertools.count(1):
            try:
                return self._answered(texts, prompt)
            except AgainError as fault:
                if attempt >= min(tries, fault.tries):
                    raise EmbedlabError(
                        f"The endpoint {self._endpoint.host} {fault.said}, {attempt} times in a row: {fault.advice}."
                    ) from None
                self._sleep(max(fault.wait, self._pause(attempt - 1)))
        raise AssertionError

    def _pause(self, before: int) -> float:
        """Return the seconds to wait after `before` earlier waits: doubling, and never the same for two clients."""
        return min(MOST_WAIT, FIRST_WAIT * 2.0**before) * (1 + self._chance()) / 2

    def _answered(self, texts: list[str], prompt: int) -> Vectors:
        """Send one request and return what it brings."""
        wanted = {"dimensions": self._endpoint.dimensions} if self._endpoint.dimensions else {}
        request = {"model": self._endpoint.model, "input": texts, "encoding_format": "float", **wanted}
        most = BYTES_BESIDES + len(texts) * BYTES_A_NUMBER * (self._dimensions or MOST_DIMENSIONS)
        status, headers, content = self._sent(json.dumps(request).encode(), most)
        if not 200 <= status < 300:
            raise self._fault(status, headers, content)
        if len(content) > most:
            raise senseless(f"answered with more than {most:,} bytes")
        expected = self._dimensions or self._endpoint.dimensions
        return vectors_in(content, [text[prompt:] for text in texts], expected)

    def _sent(self, body: bytes, most: int) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and content; of a content longer than `most` bytes, only its beginning."""
        import httpx2

        try:
            with self._client.stream("POST", self._endpoint.address, content=body) as response:
                return response.status_code, response.headers, _content(response, most)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError) as error:
            raise AgainError(
                f"can't be reached ({self._safe(str(error)) or 'no answer'})",
                "check that it runs, and that its address is right",
            ) from None
        except httpx2.TimeoutException:
            raise SlowError from None
        except httpx2.DecodingError:
            raise senseless("sent an answer that can't be unpacked") from None
        except httpx2.TransportError:
            raise AgainError("dropped the connection", "see whether it still runs, and start again") from None

    def _fault(self, status: int, headers: Mapping[str, str], content: bytes) -> Exception:
        """Return what an answer other than a success means."""
        endpoint = self._endpoint
        subject = f"The endpoint {endpoint.host}"
        said, code = self._said(content)
        answered = f"{status}: “{said}”" if said else f"{status}"
        if status in (401, 403):
            fault = "refuses the key" if endpoint.key else "wants a key"
            return EmbedlabError(
                f"{subject} {fault} ({status}): put a valid one into .streamlit/secrets.toml or EMBEDLAB_REMOTE_KEY."
            )
        if status in (404, 405):
            return EmbedlabError(
                f"{subject} does not know the model “{endpoint.model}” or the path {endpoint.path} ({answered}): "
                "check both."
            )
        if status in (400, 413, 422):
            return RefusedError(answered)
        if code == "insufficient_quota":
            return EmbedlabError(f"{subject} says that the quota is used up ({answered}): see your account there.")
        if status in (408, 425, 429) or status >= 500:
            advice = "wait a while" if status == 429 else "see what is wrong there"
            return AgainError(
                f"answered {answered}",
                f"{advice}, then start again; what was done is kept",
                wait=_retry_after(headers.get("Retry-After", "")),
            )
        if 300 <= status < 400:
            return EmbedlabError(
                f"{subject} sends requests on to another address ({status}), which embedlab does not follow: put the "
                "final address into base_url."
            )
        return EmbedlabError(f"{subject} answered {answered}: check base_url and model.")

    def _said(self, content: bytes) -> tuple[str, str]:
        """Return the message and the code in the body of an error; empty where there are none."""
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            return "", ""
        error = answer.get("error", answer) if isinstance(answer, dict) else {}
        if isinstance(error, str):
            return self._safe(error), ""
        if not isinstance(error, dict):
            return "", ""
        message = next((error[key] for key in ("message", "detail") if isinstance(error.get(key), str)), "")
        return self._safe(message), str(error.get("code") or error.get("type") or "")

    def _safe(self, said: str) -> str:
        """Return at most 160 characters of what a server said; nothing if it said a part of the key."""
        key = self._endpoint.key
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


def _first(texts: Sequence[str], most: int) -> list[str]:
    """Return the first texts, `most` or `MOST_CHARACTERS` of them at most, but at least one."""
    lengths = itertools.accumulate(map(len, texts[:most]))
    return list(texts[: max(1, sum(length <= MOST_CHARACTERS for length in lengths))])


def _retry_after(header: str) -> float:
    """Return the seconds that the header asks to wait (RFC 9110, 10.2.3), at most `MOST_WAIT`; 0 if it is no use."""
    try:
        seconds = min(int(header), MOST_WAIT)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return 0.0
    return min(MOST_WAIT, max(0.0, seconds))
