"""Endpoints as they are: what they leave out, refuse, limit and choke on, and what becomes of many texts then."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.encoders.base import PROBE
from embedlab.encoders.remote import connection
from embedlab.encoders.remote.answers import RefusedError, vectors_in, wait_asked
from embedlab.encoders.remote.endpoint import Endpoint
from embedlab.encoders.remote.http import RemoteEncoder, entries
from embedlab.encoders.store import Store
from embedlab.space.embedding import embed
from tests.encoders.endpoint import (
    DIMENSIONS,
    Asked,
    Fault,
    Handler,
    Server,
    at_most,
    body,
    changed,
    counts,
    drop,
    right_answer,
    serving,
    slow,
    status,
    unit_counts,
    vector,
)
from tests.sentences import says

TEXTS = [f"{'abcdefghijklmnopqrstuvwxyz'[n % 26] * (1 + n % 7)} {n}" for n in range(100)]
BAD = "the poisonous one"


@pytest.fixture
def server() -> Iterator[Server]:
    connection.forget()
    with serving() as running:
        yield running


def made(server: Server, path: str = "", **settings: Any) -> RemoteEncoder:
    """Return an encoder that doesn't wait; what it asked to begin with is forgotten."""
    encoder = RemoteEncoder(Endpoint(server.url + path, "letters", **settings), lambda seconds: None, lambda: 1.0)
    server.asked.clear()
    return encoder


def when(met: Callable[[Asked], bool], fault: Fault) -> Fault:
    """Answer with a fault where the request meets a condition, else rightly."""

    def answer(handler: Handler, asked: Asked) -> None:
        if met(asked):
            fault(handler, asked)
        else:
            texts = asked.texts if isinstance(asked.body.get("input"), list) else [asked.body["input"]]
            handler.reply(right_answer(texts, asked.body.get("dimensions")))

    return answer


def holds(text: str) -> Callable[[Asked], bool]:
    return lambda asked: text in asked.texts


# --- Shapes of an answer ---


def shaped(shape: Callable[[list[list[float]]], object]) -> Fault:
    def answer(handler: Handler, asked: Asked) -> None:
        handler.reply(shape([counts(text) for text in asked.body.get("input", asked.body.get("inputs"))]))

    return answer


SHAPES: dict[str, Fault] = {
    "no index at all": changed(lambda data: [entry.pop("index") for entry in data]),
    "no index where it is 0": changed(lambda data: data[0].pop("index")),
    "no index where it is 0, in another order": changed(lambda data: (data[0].pop("index"), data.reverse())),
    "an index of null": changed(lambda data: [entry.update(index=None) for entry in data]),
    "Ollama's embeddings": shaped(lambda found: {"model": "letters", "embeddings": found}),
    "embeddings of objects": shaped(lambda found: {"embeddings": [{"embedding": one} for one in found]}),
    "embeddings by kind": shaped(lambda found: {"embeddings": {"float": found}}),
    "a list under embedding": shaped(lambda found: {"embedding": found if len(found) > 1 else found[0]}),
    "a bare list of lists": shaped(lambda found: found),
    "a bare list of objects": shaped(lambda found: [{"index": n, "embedding": one} for n, one in enumerate(found)]),
    "data that are lists": shaped(lambda found: {"data": found}),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_an_answer_in_another_shape_is_read(server: Server, shape: Fault) -> None:
    server.always = shape
    encoder = made(server)
    assert np.array_equal(encoder.encode(TEXTS), unit_counts(TEXTS))
    assert len(server.asked) == 2, "at once"


@pytest.mark.parametrize("indices", [[0, None, None], [1, None, 1], [0, 0, None], [3, None, 1], ["0", 1, 2]])
def test_indices_that_say_no_order_are_refused(indices: list[object]) -> None:
    answer = {"data": [{"embedding": [1.0, n], "index": index} for n, index in enumerate(indices)]}
    with pytest.raises(Exception, match="which text each belongs to"):
        vectors_in(answer, ["a", "b", "c"])


@pytest.mark.parametrize("path", ["/api/embed", "/embed"])
def test_ollamas_and_teis_own_interfaces(server: Server, path: str) -> None:
    server.always = shaped(lambda found: found if path == "/embed" else {"embeddings": found})
    encoder = made(server, path)
    assert np.array_equal(encoder.encode(TEXTS[:3]), unit_counts(TEXTS[:3]))
    (asked,) = server.asked
    assert asked.path == path
    given = {"input": TEXTS[:3], "model": "letters"} if path == "/api/embed" else {"inputs": TEXTS[:3]}
    assert asked.body == given | {"truncate": False}, "nothing is cut in silence"


# --- What an endpoint refuses ---


def refuses(field: str, code: int, said: str) -> Fault:
    return when(lambda asked: field in asked.body, status(code, said))


@pytest.mark.parametrize("code", [400, 422])
@pytest.mark.parametrize(
    "said", ["Extra inputs are not permitted", "unknown field encoding_format", "nope", "", "dimensions?"]
)
def test_an_option_that_is_refused_is_left_out_from_then_on(server: Server, code: int, said: str) -> None:
    server.always = refuses("encoding_format", code, said)
    encoder = made(server)
    assert np.array_equal(encoder.encode(TEXTS), unit_counts(TEXTS))
    assert len(server.asked) == 2, "not tried anew"
    again = RemoteEncoder(Endpoint(server.url, "letters"), lambda seconds: None)
    again.encode(["a"])
    assert not any("encoding_format" in asked.body for asked in server.asked), "nor by another encoder"


def test_dimensions_that_are_refused_are_said(server: Server) -> None:
    server.always = refuses("dimensions", 400, "this model does not support matryoshka representation")
    encoder = made(server, dimensions=5)
    assert encoder.card.dimensions == DIMENSIONS
    assert says(encoder.card.checked, DIMENSIONS)
    encoder.encode(["ab"])
    assert server.asked[0].body == {"model": "letters", "input": ["ab"], "encoding_format": "float"}


def test_both_options_refused(server: Server) -> None:
    server.always = when(lambda asked: len(asked.body) > 2, status(422, "no"))
    assert made(server, dimensions=5).card.dimensions == DIMENSIONS


def test_an_endpoint_that_takes_one_text_and_no_list(server: Server) -> None:
    server.always = when(lambda asked: isinstance(asked.body["input"], list), status(422, "input should be a string"))
    encoder = made(server)
    assert np.array_equal(encoder.encode(TEXTS[:5]), unit_counts(TEXTS[:5]))
    assert [asked.body["input"] for asked in server.asked] == TEXTS[:5]


# --- One text that can't be read ---

POISON: dict[str, tuple[Fault, str]] = {
    "500": (status(500, "tokenizer failed"), "500: “tokenizer failed”"),
    "502": (status(502), "502"),
    "a dropped connection": (drop, "dropped the connection"),
    "400": (status(400, "invalid text"), "400: “invalid text”"),
    "an error as a success": (body(b'{"error": {"message": "bad token"}}'), "“bad token”"),
    "an error with its code": (body(b'{"object": "error", "message": "bad token", "code": 400}'), "400: “bad token”"),
    "plain text": (lambda handler, asked: handler.reply(b"it choked\n", 500), "500: “it choked”"),
    "an empty list": (body(b'{"data": []}'), "0 vectors"),
    "not JSON": (body(b"oops"), "not JSON"),
}


def one_wrong(value: object) -> Fault:
    """Answer with one embedding replaced: that of the poisonous text."""
    return lambda handler, asked: vector(lambda found: value, asked.texts.index(BAD))(handler, asked)


POISON |= {
    "null": (one_wrong(None), "something other than numbers"),
    "zeros": (one_wrong([0.0] * DIMENSIONS), "nothing but zeros"),
    "NaN": (one_wrong([float("nan")] * DIMENSIONS), "not finite"),
    "no vector": (one_wrong([]), "0 dimensions"),
}


@pytest.mark.parametrize(("fault", "said"), POISON.values(), ids=POISON.keys())
def test_the_text_that_can_not_be_read_is_left_out_and_named(server: Server, fault: Fault, said: str) -> None:
    encoder = made(server)
    server.always = when(holds(BAD), fault)
    texts = [*TEXTS[:40], BAD, *TEXTS[40:], BAD]
    with closing(Store(encoder.card)) as store:
        space = embed(Corpus.of(texts), encoder, store)
        assert len(server.asked) < 30, "found by halves"
        assert len(store.get(TEXTS)) == len(TEXTS)
        assert store.get([BAD]) == {}
    assert list(space.corpus.texts) == TEXTS
    assert np.array_equal(space.vectors, unit_counts(TEXTS))
    (note,) = space.corpus.notes
    assert (note.kind, note.count, note.rows) == ("dropped", 2, (41, 102))
    assert BAD in note.sentence
    assert said in note.sentence
    with pytest.raises(EmbedlabError, match=BAD):
        encoder.encode([BAD])


def test_many_that_can_not_be_read_are_counted(server: Server) -> None:
    encoder = made(server, batch=16)
    server.always = when(lambda asked: any("7" in text for text in asked.texts), status(500, "no sevens"))
    space = embed(Corpus.of(TEXTS), encoder)
    assert list(space.corpus.texts) == [text for text in TEXTS if "7" not in text]
    (note,) = space.corpus.notes
    assert note.count == 19
    assert note.sentence.startswith("19 texts are left out, for “letters” could not read them: row 8, “")
    assert "; and 16 more (answered 500: " in note.sentence  # a reason that all share is said once
    assert note.sentence.count("no sevens") == 1


def test_a_second_culprit_is_found_sooner(server: Server) -> None:
    encoder = made(server, batch=10)
    server.always = when(lambda asked: any("7" in text for text in asked.texts), status(500))
    waits: list[float] = []
    encoder._connection.sleep = waits.append
    encoder.readable(TEXTS)
    assert sum(waits) < 19 * 1.0, "not 15 seconds for each"


def test_no_text_that_can_be_read_is_an_error(server: Server) -> None:
    encoder = made(server)
    server.always = when(lambda asked: asked.texts != [PROBE], status(400, "only probes here"))
    with pytest.raises(
        EmbedlabError, match=r"could not read any of the 100 texts that were tried, such as “.+only probe"
    ):
        embed(Corpus.of(TEXTS), encoder)


def test_an_endpoint_that_refuses_everything_from_some_time_on_is_given_up(server: Server) -> None:
    encoder = made(server)
    server.always = status(400, "the model was unloaded")
    with pytest.raises(EmbedlabError, match="refuses even a short text by now"):
        encoder.readable(TEXTS)


def test_a_server_that_dies_says_how_many_vectors_are_kept(server: Server) -> None:
    encoder = made(server, batch=20)
    server.faults.extend([None] * 3)
    server.always = drop
    with closing(Store(encoder.card)) as store:
        with pytest.raises(EmbedlabError) as caught:
            embed(Corpus.of(TEXTS), encoder, store)
        assert "The vectors of 60 of 100 texts are kept: starting again goes on from there." in str(caught.value)
        server.always = None
        assert embed(Corpus.of(TEXTS), encoder, store).encoded == 40


def test_one_text_that_takes_for_ever(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "READ_SECONDS", 0.2)
    encoder = made(server, batch=4)
    server.always = when(holds(BAD), slow)
    space = embed(Corpus.of([*TEXTS[:3], BAD]), encoder)
    assert list(space.corpus.texts) == TEXTS[:3]
    assert "no answer within 0.2 seconds" in space.corpus.notes[0].sentence


# --- Limits ---

CAPS = {
    "TEI": (422, "batch size 64 > maximum allowed batch size 32"),
    "must not exceed": (400, "batch size must not exceed 32"),
    "pydantic": (422, "List should have at most 32 items after validation, not 64"),
    "texts": (400, "total number of texts must be at most 32 - received 64"),
    "too many": (413, "too many inputs: 64, the limit is 32"),
    "an error as a success": (200, "batch size must not exceed 32"),
    "without a number": (413, "payload too large"),
    "without a word": (400, ""),
}


@pytest.mark.parametrize(("code", "said"), CAPS.values(), ids=CAPS.keys())
def test_a_cap_on_texts_is_found_once_and_remembered(server: Server, code: int, said: str) -> None:
    encoder = made(server)
    server.always = when(lambda asked: len(asked.texts) > 32, status(code, said))
    assert np.array_equal(encoder.encode(TEXTS), unit_counts(TEXTS))
    assert [len(asked.texts) for asked in server.asked] == [64, 32, 32, 32, 4]
    server.asked.clear()
    made(server).encode(TEXTS)
    assert [len(asked.texts) for asked in server.asked] == [32, 32, 32, 4], "by another encoder, too"


def test_a_limit_of_characters_makes_no_batch_of_short_texts_smaller(server: Server) -> None:
    encoder = made(server)
    encoder.encode(TEXTS[:64])
    server.always = when(lambda asked: sum(map(len, asked.texts)) > 500, status(413, "payload too large"))
    encoder.encode(["x" * 300, "y" * 300])
    server.asked.clear()
    encoder.encode([text[:3] for text in TEXTS])
    assert len(server.asked) == 2


def limit(characters: int, said: str, code: int = 400) -> Fault:
    return when(lambda asked: any(len(text) > characters for text in asked.texts), status(code, said))


LIMITS = {
    "OpenAI": (400, "This model's maximum context length is 100 tokens, however you requested 1000 tokens"),
    "TEI": (413, "Input validation error: `inputs` must have less than 100 tokens. Given: 1000"),
    "no figure": (400, "input is too long"),
    "one figure": (422, "the sequence exceeds 512 tokens"),
    "an error as a success": (200, "context length exceeded"),
}


@pytest.mark.parametrize(("code", "said"), LIMITS.values(), ids=LIMITS.keys())
def test_a_text_over_the_limit_is_cut_where_that_is_asked_for(server: Server, code: int, said: str) -> None:
    encoder = made(server, truncate=True, prompt="p: ")
    server.always = limit(100, said, code)
    long = "ab" * 500
    texts = [*TEXTS, long]
    with closing(Store(encoder.card)) as store:
        space = embed(Corpus.of(texts), encoder, store)
        sent = [text for asked in server.asked for text in asked.texts if set(text[3:]) == {"a", "b"}]
        assert max(len(text) for text in sent if len(text) <= 100) >= 77, "most of what is read"
        assert all(text.startswith("p: ") for text in sent)
        assert space.over_window.tolist() == [False] * 100 + [True]
        assert space.corpus.texts == tuple(texts)
        again = embed(Corpus.of(texts), encoder, store)
        assert (again.encoded, again.over_window.sum()) == (0, 1), "counted again"


def test_a_text_over_the_limit_is_left_out_and_named_otherwise(server: Server) -> None:
    encoder = made(server)
    server.always = limit(100, "input is too long")
    space = embed(Corpus.of([*TEXTS, "ab" * 500]), encoder)
    assert list(space.corpus.texts) == TEXTS
    assert "too long" in space.corpus.notes[0].sentence
    with pytest.raises(EmbedlabError, match=r"truncate = true"):
        encoder.encode(["ab" * 500])


def test_a_text_of_which_nothing_is_read_is_left_out_all_the_same(server: Server) -> None:
    encoder = made(server, truncate=True)
    server.always = when(lambda asked: any(text[0] == "Z" for text in asked.texts), status(400, "too long"))
    assert len(embed(Corpus.of([*TEXTS, "Z" * 90]), encoder)) == 100


# --- Waiting ---


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Rate limit reached. Please try again in 20s.", 20),
        ("Please retry after 7 seconds.", 7),
        ("try again in 150ms", 0.15),
        ("Try again in 1m30s", 60),
        ("wait 2 minutes", 60),
        ('{"error": {"retry_after": 3}}', 3),
        ('{"retryDelay": "33s"}', 33),
        ("no more for today", 0),
    ],
)
def test_how_long_to_wait_as_a_message_says(said: str, seconds: float) -> None:
    assert wait_asked({}, said.encode()) == pytest.approx(seconds)


def test_the_header_goes_before_the_message() -> None:
    assert wait_asked({"Retry-After": "4"}, b"try again in 20s") == 4
    assert wait_asked({"retry-after-ms": "250", "Retry-After": "4"}, b"") == 0.25


def test_a_rate_limit_is_no_fault_of_the_texts(server: Server) -> None:
    encoder = made(server)
    server.faults.extend([status(429, "try again in 2s")] * 5)
    waits: list[float] = []
    encoder._connection.sleep = waits.append
    assert np.array_equal(encoder.encode(TEXTS[:8]), unit_counts(TEXTS[:8]))
    assert [len(asked.texts) for asked in server.asked] == [8] * 6
    assert waits == [2, 2, 2, 4, 8]


def test_a_server_that_closes_after_each_answer(server: Server) -> None:
    def answer(handler: Handler, asked: Asked) -> None:
        handler.reply(right_answer(asked.texts))
        handler.close_connection = True

    server.always = answer
    encoder = made(server, batch=5)
    assert np.array_equal(encoder.encode(TEXTS), unit_counts(TEXTS))
    assert len(server.asked) == 20


# --- The wrong address ---


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda handler, asked: handler.reply(b"<!DOCTYPE html><title>404 Not Found</title>", 404), "/v1/embeddings"),
        (status(404, "model “letters” not found, try pulling it first"), "does not know the model “letters” ("),
        (body(b"<html><body>Welcome</body></html>"), "often ends in /v1"),
        (status(501, "start it with --embeddings"), "start it with --embeddings"),
        (status(402, "no credit"), "quota"),
    ],
)
def test_a_wrong_address_says_the_next_step(server: Server, fault: Fault, said: str) -> None:
    server.always = fault
    with pytest.raises(EmbedlabError) as caught:
        made(server)
    assert said in str(caught.value)


def test_vectors_of_tokens_are_refused_with_a_sentence(server: Server) -> None:
    server.always = vector(lambda found: [found, found])
    with pytest.raises(EmbedlabError, match=r"one for each token.+: switch pooling on there"):
        made(server)


# --- What the operator says ---


@pytest.mark.parametrize(("value", "cut"), [("true", True), ("1", True), ("no", False), ("", False)])
def test_truncate_in_the_environment(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str, cut: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EMBEDLAB_REMOTE_URL", server.url)
    monkeypatch.setenv("EMBEDLAB_REMOTE_MODEL", "letters")
    monkeypatch.setenv("EMBEDLAB_REMOTE_TRUNCATE", value)
    (entry,) = entries()
    server.always = limit(30, "too long")
    encoder: Any = entry.open(False, ())
    assert (len(encoder.readable(["a" * 60]).cut) == 1) is cut


def test_truncate_that_is_neither(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("EMBEDLAB_REMOTE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("EMBEDLAB_REMOTE_MODEL", "letters")
    monkeypatch.setenv("EMBEDLAB_REMOTE_TRUNCATE", "perhaps")
    (entry,) = entries()
    assert not entry.ready
    assert "EMBEDLAB_REMOTE_TRUNCATE must be true or false" in entry.how


@pytest.mark.parametrize(
    ("said", "about", "most", "ratio"),
    [
        ("422: “batch size 64 > maximum allowed batch size 32”", "size", 32, 0),
        ("400: “maximum context length is 8192 tokens, you requested 10000 tokens”", "length", 0, 0.8192),
        ("400: “'input' array too long. Expected at most 20 items”", "size", 20, 0),
        ("400: “Invalid model all-MiniLM-L6-v2”", "", 0, 0),
        ("413", "", 0, 0),
    ],
)
def test_what_a_refusal_is_about(said: str, about: str, most: int, ratio: float) -> None:
    refused = RefusedError(said, 64)
    assert (refused.about, refused.most, refused.ratio) == (about, most, pytest.approx(ratio))


def test_a_small_cap_of_a_server_is_remembered_in_a_space(server: Server) -> None:
    encoder = made(server)
    server.always = at_most(10, 422)
    space = embed(Corpus.of(TEXTS), encoder)
    assert np.array_equal(space.vectors, unit_counts(TEXTS))
    assert max(len(asked.texts) for asked in server.asked[1:]) == 10
    assert json.dumps(space.facts())
