"""Models behind /v1/embeddings: a server that answers rightly, one that misbehaves, and who may say where it is."""

from __future__ import annotations

import email.utils
import json
import logging
import math
import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Progress, Stopped
from embedlab.corpus import Corpus
from embedlab.encoders.base import NO_WINDOW, PROBE, REMOTE
from embedlab.encoders.capabilities import over_window, parts_of
from embedlab.encoders.remote import batches, connection
from embedlab.encoders.remote.endpoint import Endpoint
from embedlab.encoders.remote.http import RemoteEncoder, entries
from embedlab.encoders.store import Store
from embedlab.space.embedding import embed
from tests.encoders.endpoint import (
    DIMENSIONS,
    KEY,
    Server,
    at_most,
    body,
    changed,
    cut,
    drop,
    in_base64,
    right_answer,
    serving,
    slow,
    status,
    too_slow_for,
    trickle,
    unit_counts,
    vector,
    window,
)

WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder and a user's home without secrets, and no variables."""
    for name in ("URL", "MODEL", "KEY", "TRUNCATE"):
        monkeypatch.delenv(f"EMBEDLAB_REMOTE_{name}", raising=False)
    connection.forget()
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "user"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


class Made:
    """An encoder on the test server and the waits that it asked for."""

    def __init__(self, server: Server, chance: float = 1.0, **settings: Any) -> None:
        self.waits: list[float] = []
        endpoint = Endpoint(server.url, "letters", **{"key": KEY, **settings})
        self.encoder = RemoteEncoder(endpoint, self.waits.append, lambda: chance)
        server.asked.clear()

    def encode(self, texts: list[str], query: bool = False) -> np.ndarray[Any, np.dtype[np.float32]]:
        return self.encoder.encode(texts, query)


def refusal(work: Callable[[], object]) -> str:
    """Return the sentence with which `work` fails, once it is seen to be one sentence without the key."""
    with pytest.raises(EmbedlabError) as caught:
        work()
    said = str(caught.value)
    assert KEY not in said
    assert said.endswith(".")
    assert "\n" not in said
    assert caught.value.__cause__ is None
    return said


# --- A server that answers rightly ---


def test_vectors_are_the_servers_at_length_one(server: Server) -> None:
    vectors = Made(server).encode(["ab", "aab", "42"])
    assert vectors.dtype == np.float32
    assert vectors.shape == (3, DIMENSIONS)
    assert vectors[0, :3].tolist() == pytest.approx([0.5**0.5, 0.5**0.5, 0])
    assert vectors[1, :2].tolist() == pytest.approx([2 / 5**0.5, 1 / 5**0.5])
    assert vectors[2, -1] == 1


def test_no_texts_no_request(server: Server) -> None:
    made = Made(server)
    assert made.encode([]).shape == (0, DIMENSIONS)
    assert server.asked == []


def test_the_card_says_which_model_at_which_address(server: Server) -> None:
    card = Made(server, prompt="passage: ", query_prompt="query: ", window=512).encoder.card
    host = server.url.removeprefix("http://")
    assert (card.model, card.weights) == ("letters", f"remote {host}/v1/embeddings")
    assert (card.dimensions, card.window, card.runtime) == (DIMENSIONS, 512, f"remote, {host}")
    assert (card.prompt, card.query_prompt, card.checked) == ("passage: ", "query: ", "")
    assert Made(server).encoder.card.window == NO_WINDOW


def test_another_key_is_the_same_encoder(server: Server) -> None:
    assert Made(server).encoder.card == Made(server, key="another").encoder.card


def test_tokens_and_pieces_are_not_told(server: Server) -> None:
    encoder = Made(server, window=2).encoder
    assert over_window(encoder, ["one two three"]).tolist() == [False]
    assert parts_of(encoder, "one two") is None


def test_what_is_sent(server: Server) -> None:
    Made(server).encode(["ab"])
    first = server.asked[0]
    assert first.path == "/v1/embeddings"
    assert first.body == {"model": "letters", "input": ["ab"], "encoding_format": "float"}
    assert first.headers["Authorization"] == f"Bearer {KEY}"


def test_without_a_key_no_key_is_sent(server: Server) -> None:
    Made(server, key="").encode(["ab"])
    assert "Authorization" not in server.asked[0].headers


def test_the_asked_dimensions_are_sent_and_kept(server: Server) -> None:
    made = Made(server, dimensions=5)
    assert made.encoder.card.dimensions == 5
    assert made.encode(["abz"])[0].tolist() == pytest.approx([0.5**0.5, 0.5**0.5, 0, 0, 0])
    assert server.asked[0].body["dimensions"] == 5


def test_prompts_go_before_documents_and_queries(server: Server) -> None:
    made = Made(server, prompt="d: ", query_prompt="q: ")
    made.encode(["x"])
    made.encode(["x"], query=True)
    assert [asked.texts for asked in server.asked] == [["d: x"], ["q: x"]]


def test_half_a_character_is_mended_before_it_is_sent(server: Server) -> None:
    Made(server).encode(["a\ud800b"])
    assert server.asked[0].texts == ["a\ufffdb"]


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/", "/v1/embeddings"])
def test_the_base_url_may_end_in_v1_or_not(server: Server, suffix: str) -> None:
    RemoteEncoder(Endpoint(server.url + suffix, "letters"))
    assert server.asked[0].path == "/v1/embeddings"


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("https://API.example.org", "https://api.example.org/v1/embeddings"),
        ("https://example.org/ollama/", "https://example.org/ollama/v1/embeddings"),
        ("https://example.org/v1beta/openai", "https://example.org/v1beta/openai/embeddings"),
        ("https://example.org/api/v3", "https://example.org/api/v3/embeddings"),
        ("http://[::1]:8080", "http://[::1]:8080/v1/embeddings"),
    ],
)
def test_addresses(base: str, address: str) -> None:
    assert Endpoint(base, "m").address == address


def test_a_connection_is_used_again(server: Server) -> None:
    made = Made(server, batch=2)
    made.encode(WORDS)
    assert len(server.asked) == 4
    assert len({asked.client for asked in server.asked}) == 1


def test_a_proxy_is_passed_by_on_the_way_to_this_machine(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert np.array_equal(Made(server).encode(WORDS), unit_counts(WORDS))


def test_threads_share_an_encoder(server: Server) -> None:
    made = Made(server, batch=3)
    results: dict[int, Any] = {}

    def work(number: int) -> None:
        texts = [f"{word * (number + 1)}" for word in WORDS[number:]]
        results[number] = np.array_equal(made.encode(texts), unit_counts(texts))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert results == dict.fromkeys(range(6), True)


# --- Batches and their order ---


def test_batches_by_count(server: Server) -> None:
    vectors = Made(server, batch=3).encode(WORDS)
    assert [asked.texts for asked in server.asked] == [WORDS[:3], WORDS[3:6], WORDS[6:]]
    assert np.array_equal(vectors, unit_counts(WORDS))


def test_batches_by_characters(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_CHARACTERS", 9)
    vectors = Made(server).encode(["alpha", "beta", "c", "a text that is longer than that", "d"])
    sent = [asked.texts for asked in server.asked]
    assert sent == [["alpha", "beta"], ["c"], ["a text that is longer than that"], ["d"]]
    assert len(vectors) == 5


def test_the_order_is_that_of_the_index(server: Server) -> None:
    made = Made(server)
    server.faults.append(changed(lambda data: data.reverse()))
    assert np.array_equal(made.encode(WORDS), unit_counts(WORDS))
    assert made.waits == []


def test_base64_is_understood(server: Server) -> None:
    made = Made(server)
    server.faults.append(in_base64)
    assert np.array_equal(made.encode(WORDS), unit_counts(WORDS))


# --- What passes is tried again ---


@pytest.mark.parametrize(
    "fault", [status(429), status(500), status(502), status(503), status(408), drop, cut], ids=lambda f: f.__name__
)
def test_a_fault_that_passes_is_tried_again(server: Server, fault: Any) -> None:
    made = Made(server)
    server.faults.extend([fault, fault])
    assert np.array_equal(made.encode(WORDS), unit_counts(WORDS))
    assert [asked.texts for asked in server.asked] == [WORDS] * 3
    assert made.waits == [0.5, 1.0]


def test_a_fault_that_stays_ends_after_six_tries(server: Server) -> None:
    made = Made(server)
    server.always = status(503, "loading the model")
    said = refusal(lambda: made.encode(["a"]))
    assert "answered 503: “loading the model”, 6 times in a row" in said
    assert [asked.texts for asked in server.asked] == [["a"]] * 6 + [[PROBE]], "is it the text?"
    assert made.waits == [0.5, 1, 2, 4, 8]


def test_no_two_clients_wait_alike(server: Server) -> None:
    made = Made(server, chance=0.0)
    server.faults.extend([status(500)] * 3)
    made.encode(["a"])
    assert made.waits == [0.25, 0.5, 1]


@pytest.mark.parametrize(
    ("header", "wait"),
    [("7", 7), ("0", 0.5), ("-3", 0.5), ("4000", 60), ("9" * 400, 60), ("soon", 0.5), ("", 0.5), ("nan", 0.5)],
)
def test_retry_after_in_seconds(server: Server, header: str, wait: float) -> None:
    made = Made(server)
    server.faults.append(status(429, retry_after=header))
    made.encode(["a"])
    assert made.waits == [wait]


@pytest.mark.parametrize(("ahead", "low", "high"), [(30, 28, 30), (4000, 60, 60), (-50, 0.5, 0.5)])
def test_retry_after_as_a_date(server: Server, ahead: float, low: float, high: float) -> None:
    made = Made(server)
    server.faults.append(status(503, retry_after=email.utils.formatdate(time.time() + ahead, usegmt=True)))
    made.encode(["a"])
    (wait,) = made.waits
    assert low <= wait <= high


def test_a_server_that_is_gone(server: Server) -> None:
    made = Made(server)
    server.shutdown()
    server.server_close()
    made.encoder.close()
    waits: list[float] = []
    said = refusal(lambda: RemoteEncoder(Endpoint(server.url, "letters", KEY), waits.append, lambda: 1.0))
    assert "can't be reached" in said
    assert waits == [0.5, 1], "who chooses a model is waiting"


def test_a_wait_can_be_ended_by_who_sleeps(server: Server) -> None:
    def stop(seconds: float) -> None:
        raise Stopped

    encoder = RemoteEncoder(Endpoint(server.url, "letters"), stop)
    server.always = status(429, retry_after="60")
    with pytest.raises(Stopped):
        encoder.encode(["a"])


# --- Too slow ---


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "READ_SECONDS", 0.15)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_is_too_slow_gets_fewer_texts_from_then_on(server: Server) -> None:
    made = Made(server, batch=8)
    server.always = too_slow_for(2)
    assert np.array_equal(made.encode(WORDS), unit_counts(WORDS))
    assert [len(asked.texts) for asked in server.asked] == [8, 4, 2, 2, 2, 2]
    made.encode(WORDS)
    assert [len(asked.texts) for asked in server.asked[6:]] == [2, 2, 2, 2]
    assert made.waits == [0.5, 1]


@pytest.mark.usefixtures("impatient")
def test_one_slow_answer_to_a_single_text_makes_no_batch_smaller(server: Server) -> None:
    made = Made(server, batch=8)
    server.faults.append(slow)
    made.encode(["a"])
    made.encode(WORDS)
    assert [len(asked.texts) for asked in server.asked] == [1, 1, 8]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", [slow, trickle])
def test_a_server_that_never_ends_its_answer(server: Server, fault: Any) -> None:
    made = Made(server)
    server.always = fault
    assert "did not answer within 0.15 seconds, 4 times in a row" in refusal(lambda: made.encode(WORDS))
    assert [len(asked.texts) for asked in server.asked] == [8, 4, 2, 1, 1]
    assert server.asked[-1].texts == [PROBE]


# --- What does not pass ---


@pytest.mark.parametrize("code", [401, 403])
def test_a_refused_key_is_not_tried_again(server: Server, code: int) -> None:
    made = Made(server)
    server.always = status(code, f"Incorrect API key provided: {KEY}")
    assert f"refuses the key ({code})" in refusal(lambda: made.encode(["a"]))
    assert len(server.asked) == 1
    assert made.waits == []


def test_a_missing_key_is_asked_for(server: Server) -> None:
    made = Made(server, key="")
    server.always = status(401)
    assert "wants a key (401)" in refusal(lambda: made.encode(["a"]))


def test_an_unknown_model_or_address(server: Server) -> None:
    made = Made(server)
    server.always = status(404, "model not found")
    said = refusal(lambda: made.encode(["a"]))
    assert "does not know the model “letters” (404: “model not found”)" in said
    assert len(server.asked) == 1


def test_a_used_up_quota_is_not_waited_for(server: Server) -> None:
    made = Made(server)
    server.always = status(429, "You exceeded your quota", error_code="insufficient_quota")
    assert "quota is used up" in refusal(lambda: made.encode(["a"]))
    assert made.waits == []


def test_a_redirect_is_not_followed(server: Server) -> None:
    with serving() as elsewhere:
        made = Made(server)
        for code in (301, 302, 307, 308):
            server.faults.append(
                lambda handler, asked, code=code: handler.reply(
                    {}, code, {"Location": f"{elsewhere.url}/v1/embeddings"}
                )
            )
            assert f"another address ({code})" in refusal(lambda: made.encode(["a"]))
        assert elsewhere.asked == []


@pytest.mark.parametrize("code", [400, 413, 422])
def test_the_one_text_that_is_refused_is_named(server: Server, code: int) -> None:
    made = Made(server, prompt="prompt: ")
    server.always = window(40, code)
    texts = [*WORDS * 5, "the long one " * 9, *WORDS * 2]
    said = refusal(lambda: made.encode(texts))
    assert f"refuses the text “{('the long one ' * 9)[:60]}” ({code}: “maximum context length exceeded”)" in said
    assert len(server.asked) < 20, "found by halves"
    assert made.waits == []


@pytest.mark.parametrize("code", [413, 422])
def test_a_batch_that_is_refused_is_sent_in_smaller_ones(server: Server, code: int) -> None:
    made = Made(server)
    server.always = at_most(3, code)
    assert np.array_equal(made.encode(WORDS * 2), unit_counts(WORDS * 2))
    assert [len(asked.texts) for asked in server.asked] == [16, 3, 3, 3, 3, 3, 1]


def test_an_endpoint_that_refuses_even_the_probe(server: Server) -> None:
    server.always = status(400, "this model does not support embeddings")
    said = refusal(lambda: RemoteEncoder(Endpoint(server.url, "chat", KEY)))
    assert "refuses even a short text (400: “this model does not support embeddings”)" in said


def deep(count: int) -> bytes:
    return b'{"data": ' + b"[" * count + b"]" * count + b"}"


SENSELESS = {
    "no JSON": (body(b"<html>Sign in</html>"), "not JSON"),
    "nothing": (body(b""), "not JSON"),
    "not text": (body(b"\xff\xfe\x00"), "not JSON"),
    "a deep list": (body(deep(20_000)), "not JSON"),
    "another shape": (body(b"[1, 2]"), "without vectors"),
    "an error as a success": (body(b'{"error": "no"}'), "an error instead of vectors (“no”)"),
    "no entries": (body(b'{"data": [1, 2, 3, 4, 5, 6, 7, 8]}'), "without vectors"),
    "one too few": (changed(lambda data: data.pop()), "7 vectors for 8 texts"),
    "one too many": (changed(lambda data: data.append({**data[0], "index": 8})), "9 vectors for 8 texts"),
    "an index twice": (changed(lambda data: data[1].update(index=0)), "which text each belongs to"),
    "an index beyond": (changed(lambda data: data[1].update(index=8)), "which text each belongs to"),
    "an index that is true": (changed(lambda data: data[1].update(index=True)), "which text each belongs to"),
    "an index in quotes": (changed(lambda data: data[1].update(index="1")), "which text each belongs to"),
    "one short vector": (vector(lambda v: v[:-1], 3), "26 dimensions where 27"),
    "all vectors short": (changed(lambda data: [e.update(embedding=e["embedding"][:9]) for e in data]), "9 dimensions"),
    "an empty vector": (vector(lambda v: []), "0 dimensions where 27"),
    "NaN": (vector(lambda v: [math.nan, *v[1:]], 2), "not finite for the text “gamma”"),
    "infinity": (vector(lambda v: [math.inf, *v[1:]], 2), "not finite for the text “gamma”"),
    "beyond float32": (vector(lambda v: [1e300, *v[1:]], 2), "not finite for the text “gamma”"),
    "zeros": (vector(lambda v: [0.0] * len(v), 4), "zeros for the text “epsilon”"),
    "null": (vector(lambda v: None), "something other than numbers"),
    "null inside": (vector(lambda v: [None, *v[1:]]), "something other than numbers"),
    "numbers in quotes": (vector(lambda v: [str(x) for x in v]), "something other than numbers"),
    "true and false": (vector(lambda v: [bool(x) for x in v]), "something other than numbers"),
    "lists in a list": (vector(lambda v: [v]), "a list of vectors for one text"),
    "a huge whole number": (vector(lambda v: [10**400, *v[1:]]), "something other than numbers"),
    "no base64": (vector(lambda v: "é!"), "something other than numbers"),
    "base64 cut short": (vector(lambda v: "AAAAAAA="), "something other than numbers"),
    "a huge body": (body(b" " * 200_000 + b"{}"), "more than 79,360 bytes"),
}


@pytest.mark.parametrize(("fault", "expected"), SENSELESS.values(), ids=SENSELESS.keys())
def test_an_answer_that_makes_no_sense(server: Server, fault: Any, expected: str) -> None:
    made = Made(server)
    server.faults.extend([fault, fault])
    assert np.array_equal(made.encode(WORDS), unit_counts(WORDS)), "two wrong answers, then a right one"
    server.always = fault
    server.asked.clear()
    said = refusal(lambda: made.encode(WORDS))
    assert expected in said
    assert "3 times in a row" in said
    assert [asked.texts for asked in server.asked] == [WORDS] * 3 + [[PROBE]], "nothing is answered"


def test_a_text_is_quoted_without_its_prompt(server: Server) -> None:
    made = Made(server, prompt="passage: ")
    server.always = vector(lambda v: [math.nan, *v[1:]], 1)
    assert "not finite for the text “beta”," in refusal(lambda: made.encode(WORDS))


def test_the_smallest_and_largest_float32_keep_their_direction(server: Server) -> None:
    made = Made(server)
    for value in (1e-44, 3e38):
        server.faults.append(vector(lambda v, value=value: [value, value, *[0.0] * 25]))
        assert made.encode(["a"])[0, :3].tolist() == pytest.approx([0.5**0.5, 0.5**0.5, 0])


def test_an_endpoint_without_vectors_is_no_encoder(server: Server) -> None:
    server.always = body(b"<html>")
    assert "not JSON" in refusal(lambda: RemoteEncoder(Endpoint(server.url, "m", KEY), lambda seconds: None))


def test_an_endpoint_that_does_not_heed_the_dimensions(server: Server) -> None:
    server.always = lambda handler, asked: handler.reply(right_answer(asked.texts))
    endpoint = Endpoint(server.url, "m", KEY, dimensions=5)
    assert "27 dimensions where 5 were expected" in refusal(lambda: RemoteEncoder(endpoint, lambda seconds: None))


# --- What was done is kept ---


def corpus() -> Corpus:
    return Corpus.of([f"{'abcdefghijklmnopqrstuvwxyz'[n % 26] * (1 + n % 7)} {n}" for n in range(500)])


def test_a_server_that_dies_half_way_has_not_worked_in_vain(server: Server) -> None:
    made = Made(server)
    server.faults.extend([None] * 4)
    server.always = drop
    with closing(Store(made.encoder.card)) as store:
        said = refusal(lambda: embed(corpus(), made.encoder, store))
        assert "dropped the connection, 6 times in a row" in said
        kept = {text for asked in server.asked[:4] for text in asked.texts}
        texts = list(corpus().texts)
        assert len(kept) > 200
        assert {texts[row] for row in store.get(texts)} == kept
        server.always = None
        server.asked.clear()
        space = embed(corpus(), made.encoder, store)
    asked_again = [text for asked in server.asked for text in asked.texts]
    assert sorted(asked_again) == sorted(set(texts) - kept)
    assert space.encoded == len(asked_again)
    assert np.array_equal(space.vectors, unit_counts(texts))


def test_a_stop_ends_the_run(server: Server) -> None:
    made = Made(server)

    def stop(progress: Progress) -> None:
        if progress.done:
            raise Stopped

    with closing(Store(made.encoder.card)) as store:
        with pytest.raises(Stopped):
            embed(corpus(), made.encoder, store, stop)
        assert len(store.get(list(corpus().texts))) == sum(len(asked.texts) for asked in server.asked)


# --- The key ---


@pytest.mark.parametrize("code", [302, 400, 401, 404, 418, 429, 500])
@pytest.mark.parametrize("echo", [f"bad key {KEY}!", f"bad key {KEY[:-4]}****"])
def test_a_server_that_tells_the_key_is_not_quoted(server: Server, code: int, echo: str) -> None:
    made = Made(server)
    server.always = status(code, echo)
    assert KEY[:12] not in refusal(lambda: made.encode(["a"]))


def test_the_key_is_nowhere(
    server: Server,
    nothing_configured: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(connection, "FIRST_WAIT", 0.01)
    secrets(nothing_configured / "work", f'[remote.it]\nbase_url = "{server.url}"\nmodel = "m"\nkey = "{KEY}"\n')
    (listing,) = entries()
    encoder = listing.open(False, [])
    server.faults.extend([status(429, KEY, retry_after="0"), drop])
    with closing(Store(encoder.card)) as store:
        space = embed(Corpus.of(WORDS), encoder, store)
    assert server.asked[-1].headers["Authorization"] == f"Bearer {KEY}"
    assert any("httpcore2" in record.name or "httpx2" in record.name for record in caplog.records)
    shown = [repr(listing), repr(encoder), repr(encoder.card), repr(Endpoint(server.url, "m", KEY)), repr(space)]
    told = "".join([*shown, *map(str, shown), caplog.text, *capfd.readouterr()])
    assert KEY not in told
    assert KEY.encode() not in pickle.dumps(encoder.card)
    files = [file for file in nothing_configured.rglob("*") if file.is_file() and file.name != "secrets.toml"]
    assert any(file.suffix == ".sqlite" for file in files)
    assert not [file for file in files if KEY.encode() in file.read_bytes()]


# --- Who says where: the operator ---


def secrets(folder: Path, content: str | bytes) -> None:
    (folder / ".streamlit").mkdir(parents=True, exist_ok=True)
    written = content.encode() if isinstance(content, str) else content
    (folder / ".streamlit" / "secrets.toml").write_bytes(written)


def test_nothing_configured_nothing_found() -> None:
    assert entries() == ()


def test_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDLAB_REMOTE_URL", f" {server.url}/v1 ")
    monkeypatch.setenv("EMBEDLAB_REMOTE_MODEL", "letters")
    monkeypatch.setenv("EMBEDLAB_REMOTE_KEY", f"{KEY}\n")
    (listing,) = entries()
    assert (listing.name, listing.family, listing.ready) == ("remote/letters", REMOTE, True)
    assert listing.how == f"Texts are sent to {server.url}/v1/embeddings."
    assert server.asked == [], "nobody is contacted"
    assert np.array_equal(listing.open(False, ()).encode(["ab"]), unit_counts(["ab"]))
    assert server.asked[-1].headers["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(("given", "missing"), [("URL", "MODEL"), ("MODEL", "URL")])
def test_half_an_environment(monkeypatch: pytest.MonkeyPatch, given: str, missing: str) -> None:
    monkeypatch.setenv(f"EMBEDLAB_REMOTE_{given}", "http://127.0.0.1:9")
    (listing,) = entries()
    assert not listing.ready
    assert f"Set EMBEDLAB_REMOTE_{missing}" in listing.how
    with pytest.raises(EmbedlabError, match=f"EMBEDLAB_REMOTE_{missing}"):
        listing.open(False, ())


def test_from_the_secrets(server: Server, nothing_configured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    secrets(
        nothing_configured / "work",
        f"""
        other = 1
        [remote.here]
        base_url = "{server.url}"
        model = "letters"
        key_env = "MY_KEY"
        prompt = "passage: "
        query_prompt = "query: "
        dimensions = 9
        window = 512
        batch = 2
        [remote."far away"]
        base_url = "http://example.org"
        model = "m"
        """,
    )
    here, far = entries()
    assert (here.name, here.ready, here.dimensions, here.window) == ("remote/here", True, 9, 512)
    assert (here.prompt, here.query_prompt) == ("passage: ", "query: ")
    assert (far.name, far.ready, far.dimensions, far.window) == ("remote/far away", True, None, None)
    assert far.how == "Texts are sent to http://example.org/v1/embeddings, unencrypted."
    encoder = here.open(True, ())
    encoder.encode(["x", "y", "z"])
    assert [asked.texts for asked in server.asked[1:]] == [["passage: x", "passage: y"], ["passage: z"]]
    assert server.asked[-1].headers["Authorization"] == f"Bearer {KEY}"
    assert (encoder.card.dimensions, encoder.card.window) == (9, 512)


def test_the_working_folder_goes_before_the_users_home(nothing_configured: Path) -> None:
    table = '[remote.{}]\nbase_url = "https://{}.example"\nmodel = "m"\n'
    secrets(nothing_configured / "user", table.format("a", "home") + table.format("b", "home"))
    secrets(nothing_configured / "work", table.format("a", "work"))
    assert {listing.name: listing.how.split("/")[2] for listing in entries()} == {
        "remote/a": "work.example",
        "remote/b": "home.example",
    }


GOOD = {"base_url": "https://example.org", "model": "m"}
BROKEN = {
    "no address": ({"base_url": None}, "base_url is missing"),
    "no model": ({"model": None}, "model is missing"),
    "an empty model": ({"model": ""}, "model is missing"),
    "a model that is a number": ({"model": 5}, "model must be text in quotes"),
    "a key that is a number": ({"key": 4711}, "key must be text in quotes"),
    "dimensions in quotes": ({"dimensions": "9"}, "dimensions must be a whole number"),
    "dimensions that are true": ({"dimensions": True}, "dimensions must be a whole number"),
    "no dimensions": ({"dimensions": 0}, "dimensions must be at least 1"),
    "a negative window": ({"window": -1}, "window must be at least 0"),
    "no batch": ({"batch": 0}, "batch must be at least 1"),
    "truncate in quotes": ({"truncate": "true"}, "truncate must be true or false"),
    "truncate as a number": ({"truncate": 1}, "truncate must be true or false"),
    "too large a batch": ({"batch": 9999}, "batch must be at most 2,048"),
    "a misspelt setting": ({"api_key": KEY}, "“api_key” is no setting"),
    "a file": ({"base_url": "file:///etc/passwd"}, "begins with http:// or https://"),
    "another protocol": ({"base_url": "ftp://example.org"}, "begins with http:// or https://"),
    "no protocol": ({"base_url": "localhost:8000"}, "begins with http:// or https://"),
    "no host": ({"base_url": "http:///v1"}, "begins with http:// or https://"),
    "a port that is none": ({"base_url": "http://example.org:port"}, "begins with http:// or https://"),
    "half an address": ({"base_url": "http://[::1"}, "begins with http:// or https://"),
    "a blank": ({"base_url": "http://example.org/a b"}, "begins with http:// or https://"),
    "a password": ({"base_url": f"https://me:{KEY}@example.org"}, "no password"),
    "a key in the address": ({"base_url": f"https://example.org/v1?key={KEY}"}, "nothing after a “?”"),
    "a key of two words": ({"key": f"Bearer {KEY}"}, "the key has a character"),
    "a key of two lines": ({"key": f"{KEY}\nX-Other: 1"}, "the key has a character"),
    "a key beyond ASCII": ({"key": f"{KEY}é"}, "the key has a character"),
    "both keys": ({"key": KEY, "key_env": "MY_KEY"}, "both key and key_env"),
    "a variable that is not set": ({"key_env": "NOT_SET"}, "key_env names is not set"),
    "the key for the variable": ({"key_env": KEY}, "key_env names is not set"),
    "a variable that is a number": ({"key_env": 5}, "key_env names is not set"),
}


@pytest.mark.parametrize(("changes", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_table_says_what_is_wrong(nothing_configured: Path, changes: dict[str, Any], expected: str) -> None:
    table = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    secrets(
        nothing_configured / "work", "[remote.it]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in table.items())
    )
    (listing,) = entries()
    assert (listing.name, listing.ready) == ("remote/it", False)
    assert listing.how.startswith(f"[remote.it] in {Path('.streamlit') / 'secrets.toml'} can't be used: ")
    assert expected in listing.how
    assert KEY not in listing.how
    assert refusal(lambda: listing.open(False, ())) == listing.how


@pytest.mark.parametrize("changes", [{"base_url": f"https://me:{KEY}@example.org"}, {"key": f"{KEY} "}, {"batch": 0}])
def test_an_endpoint_can_not_be_made_wrong(changes: dict[str, Any]) -> None:
    assert "The remote endpoint can't be used: " in refusal(lambda: Endpoint(**{**GOOD, **changes}))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f'[remote.it]\nkey = "{KEY}', "can't be read as TOML"),
        (f"[remote.it]\nkey = {KEY}\n", "can't be read as TOML (line 2)"),
        (f"key = {'[' * 50_000}", "can't be read as TOML"),
        (b'key = "\xff"', "can't be read as TOML"),
        (f'[remote]\nbase_url = "https://example.org"\nmodel = "m"\nkey = "{KEY}"\n', "write [remote.NAME]"),
        ('remote = "https://example.org"\n', "write [remote.NAME]"),
    ],
)
def test_a_broken_file_says_what_is_wrong(nothing_configured: Path, content: str | bytes, expected: str) -> None:
    secrets(nothing_configured / "work", content)
    (listing,) = entries()
    assert not listing.ready
    assert expected in listing.how
    assert KEY not in listing.how


def test_a_file_that_can_not_be_read(nothing_configured: Path) -> None:
    (nothing_configured / "work" / ".streamlit" / "secrets.toml").mkdir(parents=True)
    (listing,) = entries()
    assert "can't be read" in listing.how


def test_one_broken_table_does_not_hide_the_others(nothing_configured: Path) -> None:
    secrets(
        nothing_configured / "work", '[remote.bad]\nmodel = "m"\n[remote.good]\nbase_url = "https://e.org"\nmodel = "m"'
    )
    assert {listing.name: listing.ready for listing in entries()} == {"remote/bad": False, "remote/good": True}


# --- A server of somebody else's, when there is one ---


@pytest.fixture(scope="module")
def real() -> RemoteEncoder:
    url, model = os.environ.get("EMBEDLAB_TEST_ENDPOINT"), os.environ.get("EMBEDLAB_TEST_ENDPOINT_MODEL")
    if not url or not model:
        pytest.skip("EMBEDLAB_TEST_ENDPOINT and EMBEDLAB_TEST_ENDPOINT_MODEL name no real multilingual endpoint")
    return RemoteEncoder(Endpoint(url, model))


def test_a_real_server_gives_unit_vectors_whatever_stands_beside_a_text(real: RemoteEncoder) -> None:
    texts = ["A short one.", "a much longer text, " * 40, "日本語のテキスト", "a\ud800b", *WORDS * 20]
    vectors = real.encode(texts)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    alone = np.concatenate([real.encode([text]) for text in texts[:4]])
    assert (alone * vectors[:4]).sum(axis=1).min() > 0.999


def test_a_real_server_finds_an_answer_across_languages(real: RemoteEncoder) -> None:
    answers = [
        "Die Hauptstadt von Frankreich ist Paris.",
        "Wasser kocht bei hundert Grad Celsius.",
        "Der Hund ist ein Haustier und stammt vom Wolf ab.",
        "Eine Hypothek ist ein Kredit für ein Haus.",
    ]
    questions = [
        "Which city is the seat of the French government?",
        "At what temperature does water boil?",
        "What animal do dogs descend from?",
        "How do people borrow money to buy a home?",
    ]
    cosines = real.encode(questions, query=True) @ real.encode(answers).T
    assert cosines.argmax(axis=1).tolist() == [0, 1, 2, 3]
