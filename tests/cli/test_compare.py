"""The command `compare`: numbers, a report, and one line with status 2 for bad input."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import embedlab.cli.main as command_line
from embedlab import pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.encoders import speed
from embedlab.encoders.transformer import tuned
from tests.conftest import LetterEncoder
from tests.pages.halves import HalfEncoder
from tests.sentences import say

WORDS = ["aaab", "aabb", "abbb", "cccd", "ccdd", "cddd", "eeef", "eeff", "efff", "gggh", "gghh", "ghhh"]


class Broken(LetterEncoder):
    """Fails when it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.card = replace(self.card, model="broken", weights="none")

    def encode(self, texts: object, query: bool = False) -> object:  # type: ignore[override]
        raise EmbedlabError("The endpoint is asleep: wake it.")


class Fitted(HalfEncoder):
    """Was fitted to the texts: it can't read what shares no letter with them."""

    def __init__(self) -> None:
        super().__init__()
        self.card = replace(self.card, model="fitted", weights="fitted", kept=False)

    def encode(self, texts: Sequence[str], query: bool = False) -> NDArray[np.float32]:
        if any(not any(letter.isalpha() for letter in text) for text in texts):
            raise EmbedlabError("It shares no letter with the texts.")
        return super().encode(texts, query)

    def refitted(self, texts: Sequence[str]) -> Fitted:
        return self


def loaded(name: str, exact: bool = False, texts: object = ()) -> LetterEncoder:
    found = {"letters": LetterEncoder, "halves": HalfEncoder, "broken": Broken, "fitted": Fitted}
    if name not in found:
        raise EmbedlabError(f"There is no model “{name}” here: use one of letters, halves.")
    return found[name]()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pipeline, "load", loaded)
    monkeypatch.setattr(speed, "AT_LEAST", 0.001)
    lines = [f"{word} {word[::-1]}{'x' * (row % 5)}" for row, word in enumerate(WORDS * 4)]
    rows = [f"{line},{line[0]},same" for line in lines]
    path = tmp_path / "lines.csv"
    path.write_text("text,topic,one\n" + "\n".join(rows), encoding="utf-8")
    return path


def run(*arguments: object) -> int:
    return command_line.main([str(argument) for argument in arguments])


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, object]:
    assert run(*arguments, "--json") == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_numbers_quality_and_cost_as_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "compare", file, "--text", "text", "--models", "letters,halves", "--label", "topic")
    assert [one["name"] for one in found["models"]] == ["letters", "halves"]  # type: ignore[attr-defined]
    assert 0 < found["differences"][0]["overlap"]["mean"] < 1  # type: ignore[index]
    assert found["quality"]["measures"]["linear probe"]["letters"]["mean"] == 1  # type: ignore[index]
    assert found["cost"][0]["dimensions"] == 27  # type: ignore[index]
    assert "embed letters" in found["seconds"]  # type: ignore[operator]


def test_lines_for_a_person_and_a_report(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report.html"
    assert run("compare", file, "--text", "text", "--models", "letters,halves", "--label", "topic", "--out", out) == 0
    printed = capsys.readouterr().out
    assert "48 texts, 2 models." in printed
    assert "linear probe" in printed
    assert "108 bytes a vector" in printed
    page = out.read_text(encoding="utf-8")
    assert "<h2>Maps</h2>" in page
    assert page.count("plotly.js v") == 1


def test_without_labels_it_says_what_can_not_be_known(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "compare", file, "--text", "text", "--models", "letters,halves")
    assert found["quality"] is None
    assert any("can't be known" in one for one in found["sentences"])  # type: ignore[attr-defined]


def remember(model: str, texts: Sequence[str]) -> None:
    """Make it so that a model was fine-tuned here on these texts."""
    folder = tuned.root() / model
    folder.mkdir(parents=True)
    tuned.keep_learnt(folder, texts, "another")


def test_no_model_is_measured_by_labels_that_it_has_learned(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    remember("halves", [f"{word} {word[::-1]}" for word in WORDS])
    found = told(capsys, "compare", file, "--text", "text", "--models", "letters,halves", "--label", "topic")
    told_of = [note for note in found["quality"]["notes"] if "has learned from" in note]  # type: ignore[index]
    assert say(told_of, (10, "has learned from", "for all models"))
    assert "flatters" not in str(found)


def test_pairs_that_a_model_has_learned_from_flatter_it(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remember("halves", [f"{WORDS[0]} {WORDS[0][::-1]}"])
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("id1,id2,score\n1,2,4\n1,4,0\n1,3,2\n4,5,3\n", encoding="utf-8")
    assert run("compare", file, "--text", "text", "--models", "letters,halves", "--pairs", pairs, "--json") == 0
    shown = capsys.readouterr()
    sentence = "halves has learned from 1 of these texts: what is measured on them flatters it."
    assert sentence in shown.err
    assert any(note.startswith(sentence) for note in json.loads(shown.out)["notes"])


def test_pairs_name_texts_by_the_column_that_has_their_ids(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = file.read_text(encoding="utf-8").splitlines()
    corpus, pairs = tmp_path / "corpus.csv", tmp_path / "pairs.csv"
    lines = [f"id,{rows[0]}", *(f"d{at},{row}" for at, row in enumerate(rows[1:]))]
    corpus.write_text("\n".join(lines), encoding="utf-8")
    pairs.write_text("id1,id2,score\nd0,d1,4\nd0,d3,0\nd0,d2,2\nd3,d4,3\n", encoding="utf-8")
    found = told(capsys, "compare", corpus, "--text", "text", "--models", "letters,halves", "--pairs", pairs)
    assert "left out" not in json.dumps(found)


def test_pairs_with_scores(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("id1,id2,score\n1,2,4\n1,4,0\n1,3,2\n4,5,3\n99,1,1\n", encoding="utf-8")
    found = told(capsys, "compare", file, "--text", "text", "--models", "letters,halves", "--pairs", pairs)
    assert found["quality"]["items"] == 4  # type: ignore[index]
    assert any("99" in note for note in found["quality"]["notes"])  # type: ignore[index]


def test_beir(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    documents = [{"_id": f"d{row}", "title": "", "text": f"{word} {word[::-1]}"} for row, word in enumerate(WORDS)]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    queries = [{"_id": "q1", "text": "aaab"}, {"_id": "q2", "text": "ghhh"}]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td0\t1\nq2\td11\t1\n", encoding="utf-8")
    found = told(capsys, "compare", "--models", "letters,halves", "--beir", folder)
    assert found["quality"]["measures"]["nDCG@10"]["letters"]["mean"] == 1  # type: ignore[index]
    assert [one["query"] for one in found["queries"]] == ["aaab", "ghhh"]  # type: ignore[attr-defined]


def test_own_vectors_with_unusable_rows_leave_them_out_for_all(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = np.random.default_rng(0).normal(size=(48, 5)).astype(np.float32)
    own[3], own[7, 1] = 0, np.nan
    np.save(tmp_path / "own.npy", own)
    found = told(capsys, "compare", file, "--text", "text", "--models", f"letters,{tmp_path / 'own.npy'}")
    assert found["texts"] == 46
    assert any("2 texts" in note and "rows 4, 8" in note for note in found["notes"])  # type: ignore[attr-defined]


def test_own_vectors_of_other_rows_are_refused(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "own.npy", np.ones((40, 5), dtype=np.float32))
    assert run("compare", file, "--text", "text", "--models", f"letters,{tmp_path / 'own.npy'}") == 2
    told = capsys.readouterr().err
    assert "40" in told
    assert "48" in told


def test_before_and_after_as_two_files(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = np.random.default_rng(0).normal(size=(48, 5)).astype(np.float32)
    for name, vectors in (("before", before), ("after", before * 3)):
        np.save(tmp_path / f"{name}.npy", vectors)
    paths = ",".join(str(tmp_path / f"{name}.npy") for name in ("before", "after"))
    found = told(capsys, "compare", file, "--text", "text", "--models", paths)
    assert found["differences"][0]["cka"] == pytest.approx(1)  # type: ignore[index]
    assert found["differences"][0]["overlap"]["mean"] == 1  # type: ignore[index]


def test_two_files_of_one_name_are_two_versions(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    for folder in ("before", "after"):
        (tmp_path / folder).mkdir()
        np.save(tmp_path / folder / "own.npy", rng.normal(size=(48, 5)).astype(np.float32))
    paths = ",".join(str(tmp_path / folder / "own.npy") for folder in ("before", "after"))
    found = told(capsys, "compare", file, "--text", "text", "--models", paths)
    assert [one["name"] for one in found["models"]] == ["before/own.npy", "after/own.npy"]  # type: ignore[attr-defined]
    assert found["differences"][0]["overlap"]["mean"] < 0.9  # type: ignore[index]
    assert found["texts_as_queries"]["changed"] > 30  # type: ignore[index]
    assert any(one.startswith("From before/own.npy to after/own.npy ") for one in found["sentences"])  # type: ignore[attr-defined]


def test_a_file_of_vectors_may_be_named_in_any_way(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("own.npy", np.random.default_rng(0).normal(size=(48, 5)).astype(np.float32))
    found = told(capsys, "compare", file, "--text", "text", "--models", "letters,./own.npy")
    assert [one["name"] for one in found["models"]] == ["letters", "own.npy"]  # type: ignore[attr-defined]


def test_every_model_of_the_pair_has_its_noise(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "compare", file, "--text", "text", "--models", "letters,halves")
    assert [one["what"] for one in found["noise_floors"]] == [  # type: ignore[attr-defined]
        f"{what} ({model})"
        for model in ("letters", "halves")
        for what in ("5 % of the texts dropped", "vectors rounded to bf16")
    ]


def test_queries_are_put_to_both(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queries = tmp_path / "queries.txt"
    queries.write_text("aaab\nghhh\naaab\n", encoding="utf-8")
    given = ("compare", file, "--text", "text", "--queries", queries)
    found = told(capsys, *given, "--models", "letters,halves")
    assert [one["query"] for one in found["queries"]] == ["aaab", "ghhh"]  # type: ignore[attr-defined]
    assert len(found["queries"][0]["before"]) == len(found["queries"][0]["after"]) == 10  # type: ignore[index]
    assert any("of 2 queries would return something else" in one for one in found["sentences"])  # type: ignore[attr-defined]
    np.save(tmp_path / "own.npy", np.random.default_rng(0).normal(size=(48, 5)).astype(np.float32))
    assert run(*given, "--models", f"letters,{tmp_path / 'own.npy'}", "--json") == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["queries"] == []
    assert "own.npy are vectors without a model, which can't read a query" in printed.err
    assert any("can't read a query" in note for note in json.loads(printed.out)["notes"])


def test_a_query_that_a_model_can_not_read_is_left_out_and_counted(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = tmp_path / "queries.txt"
    queries.write_text("aaab\n!!!\n", encoding="utf-8")
    found = told(capsys, "compare", file, "--text", "text", "--queries", queries, "--models", "letters,fitted")
    assert [one["query"] for one in found["queries"]] == ["aaab"]  # type: ignore[attr-defined]
    assert "1 query that one of letters and fitted can't read: left out." in found["notes"]  # type: ignore[operator]
    queries.write_text("!!!\n???\n", encoding="utf-8")
    found = told(capsys, "compare", file, "--text", "text", "--queries", queries, "--models", "letters,fitted")
    assert found["queries"] == []
    assert any("None of the queries can be read" in note for note in found["notes"])  # type: ignore[attr-defined]


def test_a_model_that_fails_half_way_is_left_out_and_says_why(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compare", file, "--text", "text", "--models", "letters,broken,halves", "--json") == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert [one["name"] for one in found["models"]] == ["letters", "halves"]
    assert "broken is left out: The endpoint is asleep: wake it." in found["notes"]
    assert "broken is left out: The endpoint is asleep: wake it." in printed.err


@pytest.mark.model
def test_the_real_models(
    minilm_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """MiniLM tells everyday subjects apart that share no word; a lexical model can't."""
    monkeypatch.setenv("EMBEDLAB_HOME", str(minilm_home))
    subjects = {
        "food": "hot soup|fresh bread|grilled fish|a bowl of rice|roast chicken|sweet cake|ripe cheese|fried eggs",
        "weather": "heavy rain|a strong storm|bright sunshine|thick fog|icy winds|falling snow|loud thunder|hail",
        "music": "a violin solo|the piano sonata|an opera singer|drum rhythms|guitar chords|choirs|jazz trumpet|flutes",
    }
    rows = [f"{text},{subject}" for subject, texts in subjects.items() for text in texts.split("|")]
    file = tmp_path / "subjects.csv"
    file.write_text("text,subject\n" + "\n".join(rows), encoding="utf-8")
    found = told(
        capsys,
        "compare",
        file,
        "--text",
        "text",
        "--models",
        "all-MiniLM-L6-v2,tf-idf",
        "--label",
        "subject",
        "--k",
        "5",
    )
    measured = found["quality"]["measures"]["k-NN accuracy"]  # type: ignore[index]
    assert measured["all-MiniLM-L6-v2"]["mean"] > 0.85 > measured["tf-idf"]["mean"]
    assert found["models"][0]["dimensions"] == 384  # type: ignore[index]


def test_a_model_that_fails_is_told_and_the_others_stay(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compare", file, "--text", "text", "--models", "letters,broken,halves") == 0
    printed = capsys.readouterr()
    assert "broken is left out: The endpoint is asleep" in printed.err
    assert "48 texts, 2 models." in printed.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--models", "letters,halves"], "There are no texts"),
        (["{file}", "--models", "letters"], "names 1"),
        (["{file}", "--models", "letters,letters"], "named twice"),
        (["{file}", "--models", "a,b,c,d,e,f,g"], "names 7"),
        (["{file}", "--models", "letters,nobody"], "no model “nobody”"),
        (["{file}", "--models", "letters,broken"], "asleep"),
        (["{file}", "--models", "letters,halves", "--text", "nothing"], "nothing"),
        (["{file}", "--models", "letters,halves", "--label", "nothing"], "nothing"),
        (["{file}", "--models", "letters,halves", "--label", "one", "--text", "text"], "same one"),
        (["{file}", "--models", "letters,halves", "--label", "topic", "--pairs", "{file}"], "one thing at a time"),
        (["{file}", "--models", "letters,halves", "--beir", "{file}"], "leave out FILE"),
        (["{file}", "--models", "letters,halves", "--k", "0"], "--k must be"),
        (["{file}", "--models", "letters,nothing.npy"], "can't be read"),
        (["{file}", "--models", "letters,halves", "--out", "{file}/x/y.html"], "does not exist"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str], says: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("compare", *(argument.replace("{file}", str(file)) for argument in arguments)) == 2
    printed = capsys.readouterr().err
    assert says in printed
    assert printed.strip().count("\n") == 0
