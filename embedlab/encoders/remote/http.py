"""Models on another computer, behind the `/v1/embeddings` interface that OpenAI, Ollama, vLLM and TEI share."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from embedlab.encoders.base import REMOTE, REMOTE_RUNTIME, EncoderInfo, ModelEntry, Vectors, not_ready
from embedlab.encoders.capabilities import Readable
from embedlab.encoders.remote.batches import Reading
from embedlab.encoders.remote.connection import Connection
from embedlab.encoders.remote.endpoint import Configured, Endpoint, configured
from embedlab.text.normalise import well_formed

PREFIX = "remote/"
"""How the name of every remote model begins."""


def entries() -> tuple[ModelEntry, ...]:
    """Return the models that the operator configured; nobody is contacted, and one that can't be used says why."""
    return tuple(_listing(one) for one in configured())


def _listing(one: Configured) -> ModelEntry:
    name, endpoint, problem = f"{PREFIX}{one.name}", one.endpoint, one.problem
    if endpoint is None:
        return not_ready(name, REMOTE, problem)
    return ModelEntry(
        name=name,
        family=REMOTE,
        ready=True,
        how=f"Texts are sent to {endpoint.address}{', unencrypted' if endpoint.open_to_others else ''}.",
        open=lambda exact, texts: RemoteEncoder(endpoint, name=name),
        dimensions=endpoint.dimensions,
        window=endpoint.window or None,
        prompt=endpoint.prompt,
        query_prompt=endpoint.query_prompt,
    )


class RemoteEncoder:
    """A model behind `/v1/embeddings`. Threads may share one.

    A short text is sent at once to learn the dimension, and which optional fields the endpoint refuses. Whatever may
    pass (429, 5xx, a lost connection, no answer in time, an answer that makes no sense) is tried again after a wait
    that doubles, and that is never shorter than the endpoint asks for, up to 60 seconds. A batch that is refused, fails
    or is too slow is tried in halves. `sleep` is called for each wait; it may raise to give up, since nothing else ends
    a wait before its time. `name` is that of its entry. A server that puts other weights behind the same address and
    model name is not noticed.

    Raises `EmbedlabError` when the endpoint can't be reached, refuses, or doesn't answer with vectors.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        sleep: Callable[[float], object] = time.sleep,
        chance: Callable[[], float] = random.random,
        name: str = "",
    ) -> None:
        self._connection = Connection(endpoint, sleep, chance)
        try:
            self._connection.open()
        except BaseException:
            self.close()
            raise
        whole = "dimensions" in self._connection.learnt.left_out
        self.card = EncoderInfo(
            model=endpoint.model,
            weights=f"remote {endpoint.host}{endpoint.path}",
            dimensions=self._connection.dimensions,
            window=endpoint.window,
            runtime=f"{REMOTE_RUNTIME}{endpoint.host}",
            prompt=endpoint.prompt,
            query_prompt=endpoint.query_prompt,
            checked=f"it takes no number of dimensions, so all {self._connection.dimensions:,} are kept" * whole,
            at_once=endpoint.batch,
            called=name,
        )

    def encode(self, texts: Sequence[str], query: bool = False) -> Vectors:
        """Return float32 (len(texts), dimensions), unit rows in the order of `texts`; see `Encoder`."""
        return self._read(texts, query, leave_out=False).vectors

    def readable(self, texts: Sequence[str]) -> Readable:
        """Return what the endpoint makes of documents, and which of them it can't read, or cuts."""
        return self._read(texts, query=False, leave_out=True)

    def close(self) -> None:
        """Let go of the connections."""
        self._connection.close()

    def _read(self, texts: Sequence[str], query: bool, leave_out: bool) -> Readable:
        prompt = self.card.prompt_of(query)
        sent = [prompt + well_formed(text) for text in texts]
        return Reading(self._connection, sent, len(prompt), leave_out).done()
