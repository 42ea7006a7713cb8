"""The API is what the command line prints: the same figures for each verb on one file; and it is lazy and typed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import embedlab as el
from embedlab import pipeline
from embedlab.check.run import check as checked
from embedlab.cli import main as command_line
from embedlab.corpus.reading.table import read_table
from embedlab.encoders import DEFAULT_MODEL, as_encoder
from embedlab.pipeline import EmbeddingChoice

WORDS = {"cat": "purr meow whisker", "dog": "bark fetch leash", "car": "wheel engine brake", "tea": "leaf kettle cup"}
OF_A_RUN = {"seconds", "encoded_now", "speed_measured", "cost", "made", "date", "when"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of 96 texts of four topics, with a few copies, in two years."""
    rng = np.random.default_rng(0)
    lines = ["text,topic,day"]
    for number in range(96):
        topic = list(WORDS)[number % 4]
        words = [topic, *rng.choice(WORDS[topic].split(), 3), *rng.choice(["and", "with", "the", "of"], 2)]
        lines.append(f"{' '.join(words)} {number % 19},{topic},{2020 + number // 48}-03-{1 + number % 27:02d}")
    path = tmp_path / "topics.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def run(*arguments: object) -> Any:
        capsys.readouterr()
        assert command_line.main([*map(str, arguments), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def lasting(value: Any) -> Any:
    """Return facts without what differs from run to run."""
    if isinstance(value, dict):
        return {name: lasting(one) for name, one in value.items() if name not in OF_A_RUN}
    return [lasting(one) for one in value] if isinstance(value, list) else value


def same(result: el.Result, printed: dict[str, Any]) -> None:
    """Assert that a result's facts are those printed; the conditions of `--fail-on` may come beside."""
    facts = lasting(json.loads(json.dumps(result.facts(), allow_nan=False)))
    assert len(facts) > 2
    printed = lasting(printed)
    assert {name: printed[name] for name in facts} == facts
    assert set(printed) - set(facts) <= {"failed", "conditions", "drift"}


def test_map_and_embed(file: Path, tmp_path: Path, told) -> None:
    corpus = el.read(file, text="text")
    space = el.embed(corpus, model="tf-idf")
    same(space, told("embed", file, "--text", "text", "--model", "tf-idf", "--out", tmp_path / "v.npy"))
    np.testing.assert_array_equal(np.load(tmp_path / "v.npy"), space.vectors)
    printed = told("map", file, "--text", "text", "--model", "tf-idf", "--out", tmp_path / "map.html")
    same(el.explore(space), printed)


def test_search(file: Path, told) -> None:
    found = el.search(el.read(file, text="text"), "kettle and leaf", k=4, model="tf-idf")
    same(found, told("search", file, "--text", "text", "--query", "kettle and leaf", "--k", 4, "--model", "tf-idf"))
    assert len(found.table()) == 4


def test_compare(file: Path, told) -> None:
    found = el.compare(el.read(file, text="text", label="topic"), ["tf-idf", "wordllama"], label="topic", k=5)
    asked = ("--text", "text", "--label", "topic", "--models", "tf-idf,wordllama", "--k", 5)
    same(found, told("compare", file, *asked))
    assert found.table()["model"].tolist()[:2] == ["tf-idf", "wordllama"]


def vowels(texts: list[str]) -> Any:
    return np.array([[text.count(letter) + 0.1 for letter in "aeiou"] for text in texts])


def test_compare_takes_functions_and_what_the_command_takes(file: Path) -> None:
    read = el.read(file, text="text", label="topic")
    names, sides = [f"d{row}" for row in range(len(read))], [("train", "test")[row // 64] for row in range(len(read))]
    topics = [text.split()[0] for text in read.texts]
    corpus = el.from_texts(read.texts, topics, columns={"name": names, "split": sides})
    found = el.compare(corpus, [vowels, as_encoder(vowels, "again"), "tf-idf"], label="label", k=5, in_turn=True)
    assert found.names == ("vowels", "again", "tf-idf")
    assert found.qualities[0].task.items == len(corpus)
    with pytest.raises(el.EmbedlabError, match="is no encoder"):
        el.compare(corpus, [3, "tf-idf"])  # type: ignore[list-item]
    pairs = read_table(b"id1,id2,score\nd3,d4,1\nd3,d7,3\nd3,d8,2\n", "pairs.csv")
    by_pairs = el.compare(corpus, [vowels, "tf-idf"], pairs=pairs, named_by="name", k=5)
    assert by_pairs.qualities[0].task.items == 3


def test_check(file: Path, told) -> None:
    corpus = el.read(file, text="text", label="topic")
    found = el.check(corpus, label="topic", model="tf-idf", source="a shelf", licence="CC0")
    asked = ("--text", "text", "--label", "topic", "--model", "tf-idf", "--source", "a shelf", "--licence", "CC0")
    same(found, told("check", file, *asked))
    assert found.table()["count"].dtype.kind == "i"


def test_drift(file: Path, told) -> None:
    corpus = el.read(file, text="text")
    found = el.drift(corpus, by="day", at="2021-01-01", model="tf-idf")
    same(found, told("drift", file, "--text", "text", "--by", "day", "--at", "2021-01-01", "--model", "tf-idf"))


def test_models(told) -> None:
    assert json.loads(json.dumps(el.models().facts()["models"])) == told("models")


def test_results_are_short_in_a_console_and_drawn(file: Path) -> None:
    corpus = el.read(file, text="text", label="topic")
    results = [
        corpus,
        el.models(),
        el.search(corpus, "cat", by="words"),
        el.explain("a cat", "the cat", model="tf-idf"),
        el.check(corpus, label="topic", model="tf-idf"),
        el.drift(corpus, by="day", at="2021-01-01", model="tf-idf"),
        el.compare(corpus, ["tf-idf", "wordllama"], label="topic"),
    ]
    for result in results:
        assert isinstance(result, el.Result)
        assert "\n" not in repr(result)
        assert len(repr(result)) < 600
        assert result.figure().data
        assert "<table" in result._repr_html_()
        assert result.page().lstrip().startswith("<!doctype html>")


class Polars:
    """Like a frame of polars: its own names are lists, and it iterates over columns."""

    columns = ("message", "queue")

    def to_pandas(self) -> pd.DataFrame:
        return pd.DataFrame({"message": [f"the {word} is late again" for word in WORDS], "queue": list("aabb")})

    def __iter__(self) -> Any:
        return iter(self.columns)


@pytest.mark.parametrize("frame", [Polars(), Polars().to_pandas()], ids=["to_pandas", "pandas"])
def test_a_frame_is_its_texts_for_every_verb(frame: Any) -> None:
    space = el.embed(frame, model="tf-idf")
    assert space.corpus.texts[0] == "the cat is late again"
    assert [column.name for column in space.corpus.columns] == ["queue"]
    assert el.search(frame, "cat", by="words").hits()[0].row == 0
    assert el.check(frame, model="tf-idf").checked.texts == 4
    with pytest.raises(el.EmbedlabError, match="give it to from_frame"):
        el.from_texts(frame)


def test_what_is_no_texts_is_one_sentence(file: Path) -> None:
    space = el.embed(["a cat", "a dog"], model="tf-idf")
    for verb in (el.embed, el.check, el.explore, el.drift):
        for given in ("b.csv", file):
            with pytest.raises(el.EmbedlabError, match="open a file with read, and give a text in a list, or to from_"):
                verb(given)  # type: ignore[operator]
        with pytest.raises(el.EmbedlabError, match="These are no texts but NoneType"):
            verb(None)  # type: ignore[operator]
    for verb in (el.embed, el.drift):
        with pytest.raises(el.EmbedlabError, match=r"no texts but Space: give a corpus \(a space has"):
            verb(space)  # type: ignore[operator]


def consonants(texts: list[str]) -> Any:
    return np.array([[text.count(letter) + 0.1 for letter in "rstln"] for text in texts])


@pytest.mark.parametrize(
    "verb", [el.check, el.explore, partial(el.search, query="cat"), partial(el.explain, "the cat", "the dog")]
)
def test_the_model_of_a_space_is_its_own(file: Path, verb: Callable[..., Any]) -> None:
    corpus, explains = el.read(file, text="text"), getattr(verb, "func", None) is el.explain
    verb = (lambda space, model=None, of=verb: of(of=space, model=model)) if explains else verb
    with pytest.raises(el.EmbedlabError, match="made by vowels, not by tf-idf: leave out model=, or embed"):
        verb(el.embed(corpus, model=vowels), model="tf-idf")
    with pytest.raises(el.EmbedlabError, match="do not look like those of vowels"):
        verb(el.embed(corpus, model=vowels), model=as_encoder(consonants, "vowels"))
    for model in (None, vowels):
        assert verb(el.embed(corpus, model=vowels), model=model or vowels).sentence
    assert verb(el.embed(corpus, model="tf-idf"), model="tf-idf").sentence
    assert verb(el.embed(corpus, model="tf-idf", dimensions=5)).sentence


def test_what_made_vectors_that_came_along_can_be_said_later(file: Path) -> None:
    texts = el.read(file, text="text").texts
    own = el.embed(el.from_texts(texts, vectors={"mine": el.embed(texts, model="wordllama").vectors}), vectors="mine")
    assert "is not known" in str(el.search(own, "cat").notes)
    assert el.search(own, "cat", by="meaning", model="wordllama").hits()
    with pytest.raises(el.EmbedlabError, match="do not look like those of tf-idf"):
        el.search(own, "cat", model="tf-idf")


def test_a_query_to_the_space_of_a_function_says_what_to_give(file: Path) -> None:
    space = el.embed(el.read(file, text="text"), model=vowels)
    assert "give it with model=, the function" in str(el.search(space, "a cat").notes)
    assert not el.search(space, "a cat", model=vowels).notes


def test_a_space_is_checked_as_its_texts_are(file: Path) -> None:
    corpus = el.read(file, text="text", label="topic")
    by_name = el.check(corpus, label="topic", model="wordllama")
    space = el.embed(corpus, model="wordllama")
    by_space = el.check(space, label="topic")
    assert lasting(by_space.facts()) == lasting(by_name.facts())
    own = el.from_texts(corpus.texts, vectors={"mine": space.vectors})
    of_own = checked(own, how=EmbeddingChoice("wordllama", own="mine"))  # as the command asks for it
    for found in (by_name, by_space, of_own):
        assert [one.key for one in found.checked.properties][-1] == "unknown"
    assert el.check(el.embed(corpus, model=vowels), label="topic").checked.texts == len(corpus)


def test_explain_reads_as_a_space_or_a_corpus_does(file: Path) -> None:
    corpus, texts = el.read(file, text="text"), ("the cat may purr", "the dog may bark")
    space = el.embed(corpus, model="tf-idf", dimensions=6)
    of_space, of_corpus, alone = (
        el.explain(*texts, of=of, model="tf-idf", dimensions=6).cosine for of in (space, corpus, None)
    )
    assert of_space == of_corpus == el.explain(*texts, of=space).cosine
    assert of_space != pytest.approx(alone)
    with pytest.raises(el.EmbedlabError, match="give it with model="):
        el.explain(*texts, of=el.embed(corpus, model=vowels))


def test_drift_takes_any_model(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = el.read(file, text="text")
    sides = {"by": "day", "at": "2021-01-01"}
    assert el.drift(corpus, **sides, model=vowels).space.card.model == "vowels"  # type: ignore[arg-type]
    short = el.drift(corpus, **sides, model=as_encoder(vowels, "mine"), dimensions=3)  # type: ignore[arg-type]
    assert (short.space.card.model, short.space.card.dimensions) == ("mine", 3)
    asked = []
    load = lambda name, exact=False, texts=(): asked.append((name, exact)) or as_encoder(vowels, name)  # noqa: E731
    monkeypatch.setattr(pipeline, "load", load)
    el.drift(corpus, **sides, exact=True)  # type: ignore[arg-type]
    assert asked == [(DEFAULT_MODEL, True)]


def test_the_names_are_shown_and_nothing_is_imported_for_them() -> None:
    code = "import embedlab, sys; print(sorted(dir(embedlab))); assert not {'numpy', 'torch'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert eval(done.stdout) == sorted([*el.__all__, "__version__"])
    with pytest.raises(AttributeError, match="embedlab has no 'import_module_'"):
        el.import_module_  # noqa: B018 - that it fails is the point


def test_a_user_s_types_are_seen(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(
        "import embedlab as el\n"
        "reveal_type(el.embed(['a']))\nreveal_type(el.check(['a']))\nreveal_type(el.models().table())\n"
        "el.embed(3)\n",
        encoding="utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--follow-imports=silent",
        f"--cache-dir={tmp_path}/c",
        str(script),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert 'Revealed type is "embedlab.space.space.Space"' in done.stdout
    assert 'Revealed type is "embedlab.check.report.Inspection"' in done.stdout
    assert "DataFrame" in done.stdout
    assert 'Argument 1 to "embed" has incompatible type "int"' in done.stdout
