"""Any function from texts to an array as an encoder, and what functions may return wrongly."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from embedlab import api, pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stopped
from embedlab.corpus import Corpus
from embedlab.encoders import as_encoder, from_callable
from embedlab.encoders.store import stored
from embedlab.pipeline import EmbeddingChoice
from tests.conftest import LetterEncoder

CORPUS = Corpus.of(["aab", "b", "abb", "aab"])


def ab(texts: list[str]) -> list[list[int]]:
    """How many a and b a text has, and 1."""
    return [[text.count("a"), text.count("b"), 1] for text in texts]


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(EmbedlabError) as caught:
        work()
    said = str(caught.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


def test_lists_of_whole_numbers_become_unit_vectors() -> None:
    vectors = from_callable(ab).encode(["aab", "x"])
    assert (vectors.dtype, vectors.shape) == (np.float32, (2, 3))
    np.testing.assert_allclose(vectors, [[2 / 6**0.5, 1 / 6**0.5, 1 / 6**0.5], [0, 0, 1]], atol=1e-7)


@pytest.mark.parametrize("scale", [1e300, 1e-300, 1.0])
@pytest.mark.parametrize("kind", ["float64", "list", "rows"])
def test_numbers_of_any_size_and_kind_will_do(scale: float, kind: str) -> None:
    def function(texts: list[str]) -> Any:
        made = np.array(ab(texts)) * scale
        return {"float64": made, "list": made.tolist(), "rows": list(made)}[kind]

    np.testing.assert_allclose(from_callable(function).encode(["aab"]), from_callable(ab).encode(["aab"]), atol=1e-7)


def test_tensors_will_do_and_torch_is_not_imported_for_them() -> None:
    torch = pytest.importorskip("torch")
    encoder = from_callable(lambda texts: torch.tensor(ab(texts), dtype=torch.float16))
    np.testing.assert_allclose(encoder.encode(["aab"]), from_callable(ab).encode(["aab"]), atol=1e-6)
    learning = from_callable(lambda texts: torch.tensor(ab(texts), dtype=torch.float32, requires_grad=len(texts) > 1))
    assert "returned something that NumPy can't read (Tensor): return numbers (2, 3)" in refusal(
        lambda: learning.encode(["a", "b"])
    )
    code = "import sys; from embedlab.encoders import from_callable; from_callable(lambda texts: [[1.0]] * len(texts))"
    told = f"{code}; print([name for name in ('torch', 'sklearn', 'scipy', 'plotly') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_card_says_what_is_known() -> None:
    card = from_callable(ab).card
    assert (card.model, card.dimensions, card.window, card.runtime) == ("ab", 3, 0, "a Python function")
    assert from_callable(partial(ab)).card.model == "partial"
    assert from_callable(ab, "letters").card.model == "letters"


def test_vectors_are_kept_only_under_a_version() -> None:
    pipeline.embed(CORPUS, EmbeddingChoice(), encoder=from_callable(ab))
    assert stored() == ()
    assert from_callable(ab).card.fingerprint != from_callable(ab).card.fingerprint, "nobody knows whether it changed"
    first = pipeline.embed(CORPUS, EmbeddingChoice(), encoder=from_callable(ab, version="1")).space
    again = pipeline.embed(CORPUS, EmbeddingChoice(), encoder=from_callable(ab, version="1")).space
    other = pipeline.embed(CORPUS, EmbeddingChoice(), encoder=from_callable(ab, version="2")).space
    assert [space.encoded for space in (first, again, other)] == [3, 0, 3]
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_prompts_go_before_texts() -> None:
    asked: list[list[str]] = []

    def function(texts: list[str]) -> list[list[float]]:
        asked.append(texts)
        return [[1.0]] * len(texts)

    encoder = from_callable(function, prompt="passage: ", query_prompt="query: ")
    encoder.encode(["a\ud800"])
    encoder.encode(("a",), query=True)
    assert encoder.encode([]).shape == (0, 1)
    assert asked == [["a short text"], ["passage: a\ufffd"], ["query: a"]]


WRONG: dict[str, tuple[Callable[[list[str]], Any], str]] = {
    "nothing": (lambda texts: None, "returned something that holds no numbers (NoneType): return numbers (2, 3)"),
    "words": (lambda texts: texts, "returned something that holds no numbers (list)"),
    "rows of unlike lengths": (lambda texts: [[1.0, 2.0], [1.0]], "returned something that NumPy can't read (list)"),
    "one row": (lambda texts: [[1.0, 2.0, 3.0]], "returned an array (1, 3): return numbers (2, 3) for a list of"),
    "one vector": (lambda texts: [1.0, 2.0], "returned an array (2,): return numbers (2, 3)"),
    "a row too many": (lambda texts: np.ones((3, 3)), "returned an array (3, 3)"),
    "other dimensions": (lambda texts: np.ones((2, 4)), "returned an array (2, 4): return numbers (2, 3)"),
    "no dimensions": (lambda texts: np.ones((2, 0)), "returned an array (2, 0)"),
    "complex numbers": (lambda texts: np.ones((2, 3)) * 1j, "returned something that holds no numbers (ndarray)"),
    "not a number": (
        lambda texts: [[1.0, 1.0, 1.0], [1.0, float("nan"), 1.0]],
        "returned a vector that is not finite for “dog”: mend it, or leave that text out",
    ),
    "too large": (lambda texts: [[1, 1, 1], [1, 1, float("inf")]], "returned a vector that is not finite for “dog”"),
    "zeros": (lambda texts: [[0, 0, 0], [1, 0, 0]], "returned a vector of nothing but zeros for “cat”: mend it"),
    "an error": (lambda texts: 1 / 0, "failed (ZeroDivisionError: division by zero): mend it"),
    "an error of two lines": (lambda texts: int("1\n2"), "failed (ValueError: invalid literal for int()"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_function_does_wrong_is_said_in_one_sentence(case: str) -> None:
    wrong, said = WRONG[case]
    encoder = from_callable(lambda texts: wrong(texts) if len(texts) == 2 else ab(texts), "mine", prompt="text: ")
    assert refusal(lambda: encoder.encode(["cat", "dog"])).startswith(f"The encoder “mine” {said}")
    assert encoder.encode(["cat"]).shape == (1, 3), "it goes on"


def test_what_is_wrong_from_the_beginning_is_said_at_once() -> None:
    assert "returned an array (1, 0): return numbers (1, d)" in refusal(lambda: from_callable(lambda texts: [[]]))
    assert "failed (TypeError" in refusal(lambda: from_callable(lambda: [[1.0]]))  # type: ignore[arg-type, misc]


@pytest.mark.parametrize("error", [EmbedlabError("Wake the server."), Stopped()])
def test_a_sentence_of_the_functions_own_and_a_stop_go_through(error: Exception) -> None:
    def function(texts: list[str]) -> list[list[int]]:
        if len(texts) > 1:
            raise error
        return ab(texts)

    encoder = from_callable(function)
    with pytest.raises(type(error)) as caught:
        encoder.encode(["a", "b"])
    assert caught.value is error


def test_a_function_is_asked_by_one_thread_at_a_time() -> None:
    inside, most = [], []

    def function(texts: list[str]) -> list[list[int]]:
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.01)
        inside.pop()
        return ab(texts)

    encoder = from_callable(function)
    threads = [threading.Thread(target=encoder.encode, args=[["a"]]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (max(most), len(most)) == (1, 5)


# --- What else may stand for an encoder ---


class Model:
    """As sentence-transformers' models are: it may be called, but with something else."""

    def encode(self, sentences: list[str]) -> list[list[int]]:
        return ab(sentences)

    def __call__(self, features: dict[str, int]) -> None:
        raise TypeError


class WithCard(Model):
    card = "about this model"


def test_an_encoder_is_itself_and_a_function_or_model_becomes_one() -> None:
    letters = LetterEncoder()
    assert as_encoder(letters) is letters
    assert as_encoder(ab).card.model == "ab"
    assert as_encoder(ab, "mine").card.model == "mine"
    for model in (Model(), WithCard()):
        made = as_encoder(model)
        assert (made.card.model, made.encode(["b"]).shape) == (type(model).__name__, (1, 3))
    assert as_encoder(Model().encode).card.model == "encode"


@pytest.mark.parametrize("model", ["all-MiniLM-L6-v2", Model, None, 3, np.ones(3)])
def test_anything_else_is_refused(model: object) -> None:
    assert "is no encoder: give a function from a list of texts to an array" in refusal(lambda: as_encoder(model))


def test_the_pipeline_takes_it() -> None:
    corpus = Corpus.of(["aab", "b", "abb", "aab", "bb", "ba ba"])
    prepared = pipeline.prepare(corpus, EmbeddingChoice(dimensions=2, exact=True), encoder=as_encoder(ab))
    assert (prepared.space.card.model, prepared.space.card.dimensions, len(prepared.neighbours.indices)) == ("ab", 2, 6)
    np.testing.assert_allclose(prepared.space.vectors[0], [2 / 5**0.5, 1 / 5**0.5], atol=1e-6)
    assert prepared.encoder is not None
    np.testing.assert_array_equal(api.embed(corpus.texts, ab, dimensions=2).vectors, prepared.space.vectors)
    with pytest.raises(EmbedlabError, match="choose between 1 and 3"):
        pipeline.prepare(corpus, EmbeddingChoice(dimensions=4), encoder=as_encoder(ab))
