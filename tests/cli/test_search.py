"""The command `search`: hits, metrics, and one line with status 2 for bad input."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import embedlab.cli.main as command_line
from embedlab import pipeline
from embedlab.corpus.judgements import read_beir
from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.table import read
from embedlab.evaluate.retrieval import judged_search
from embedlab.pipeline import EmbeddingChoice
from embedlab.search.search import search
from tests.conftest import LetterEncoder
from tests.sentences import says

LINES = ["the lost cards", "dog", "", "a god", "dog", "a card"]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pipeline, "load", lambda name="", exact=False, texts=(): LetterEncoder())
    path = tmp_path / "lines.csv"
    path.write_text("text,n\n" + "\n".join(f'"{line}",{row}' for row, line in enumerate(LINES)), encoding="utf-8")
    return path


@pytest.fixture
def beir(tmp_path: Path, file: Path) -> Path:
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    documents = [{"_id": f"d{row}", "title": "", "text": line} for row, line in enumerate(LINES)]
    queries = [{"_id": "q1", "text": "card"}, {"_id": "q2", "text": "god"}]
    for name, items in (("corpus.jsonl", documents), ("queries.jsonl", queries)):
        (folder / name).write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
    judged = "query-id\tcorpus-id\tscore\nq1\td5\t1\nq2\td3\t1\nq2\td99\t1\n"
    (folder / "qrels" / "dev.tsv").write_text(judged, encoding="utf-8")
    return folder


def run(*arguments: object) -> int:
    return command_line.main([str(argument) for argument in arguments])


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, object]:
    assert run(*arguments, "--json") == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def test_search_prints_hits_with_their_rows(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "search", file, "--text", "text", "--query", "dog", "--mode", "both", "--k", "2")
    hits = found["hits"]
    assert [(hit["row"], hit["copies"], hit["text"]) for hit in hits] == [(2, 2, "dog"), (4, 1, "a god")]
    assert hits[0]["also"] == {"meaning": 1, "words": 1}
    assert hits[1]["also"] == {"meaning": 2, "words": None}
    assert (found["query"], found["mode"], found["texts"], found["model"]) == ("dog", "both", 5, "letters")


@pytest.mark.parametrize(("mode", "rows"), [("meaning", [2, 4, 1]), ("words", [2])])
def test_each_mode_ranks_its_own_way(
    mode: str, rows: list[int], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, "search", file, "--query", "dog", "--mode", mode)
    assert [hit["row"] for hit in found["hits"]][: len(rows)] == rows  # type: ignore[attr-defined]


def test_by_words_alone_no_model_is_loaded(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "load", None)
    found = told(capsys, "search", file, "--query", "dog", "--mode", "words")
    assert "model" not in found
    assert "also" not in found["hits"][0]  # type: ignore[index]


def test_search_prints_lines_for_a_person(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("search", file, "--query", "dog zebra", "--k", "1") == 0
    printed = capsys.readouterr()
    assert re.fullmatch(r" +1  0\.03\d\d  row 2: dog \(2 times\)\n", printed.out)
    assert "No text has “zebra”" in printed.err


def test_nothing_found_by_words_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("search", file, "--query", "zebra", "--mode", "words") == 0
    assert "No text has any of these words" in capsys.readouterr().out


def test_beir_prints_the_metrics_with_intervals(beir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "search", "--beir", beir, "--split", "dev")
    assert (found["queries"], found["texts"], found["name"]) == (2, 5, "beir, dev")
    words = found["metrics"]["words"]["MRR@10"]  # type: ignore[index]
    assert (words["mean"], words["low"], words["high"]) == (1, 1, 1)
    meaning = found["metrics"]["meaning"]["MRR@10"]  # type: ignore[index]
    assert meaning["mean"] == pytest.approx((1 + 1 / 2) / 2)  # "dog" and "god" share a vector
    assert "1 judgement names an id that no text has (“d99”): left out." in found["notes"]  # type: ignore[operator]
    assert says(found["verdict"], 2, "can't show")
    ranking = found["ranking"]
    assert [one["verdict"] for one in ranking] == ["best", "tie", "tie"]  # type: ignore[attr-defined]
    assert found["metrics"]["words"]["nDCG@10"] in [one["interval"] for one in ranking]  # type: ignore


def test_beir_prints_a_table_for_a_person(beir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("search", "--beir", beir, "--split", "dev") == 0
    printed = capsys.readouterr()
    assert "words     1.000 (1.000 to 1.000)" in printed.out
    assert printed.out.startswith("These 2 queries can't show which way of searching finds most.\n")
    assert "nDCG@10 behind the best" in printed.out
    assert "for all 3 pairs together" in printed.out
    assert "d99" in printed.err


@pytest.mark.parametrize("mode", ["meaning", "words", "both"])
def test_the_verb_gives_what_the_command_prints(mode: str, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = told(capsys, "search", file, "--query", "dog zebra", "--mode", mode, "--k", "2", "--dimensions", "20")
    assert set(printed.pop("seconds")) >= {"read", "index", "search"}  # type: ignore[call-overload]
    how = EmbeddingChoice("letters", dimensions=20)
    found = search(read(file), "dog zebra", mode, 2, how=how)  # type: ignore[arg-type]
    known = {"encoded_now": printed.get("encoded_now")} if mode != "words" else {}  # they are stored by then
    assert printed == found.facts() | known
    space = pipeline.embed(read(file), how).space
    assert search(space, "dog zebra", mode, 2).facts()["hits"] == found.facts()["hits"]  # type: ignore[arg-type]


def test_a_file_with_judgements_is_read_as_it_is_said(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judged = tmp_path / "judged.csv"
    judged.write_text("query,row number\ndog zebra,2\n", encoding="utf-8")
    found = told(capsys, "search", file, "--judgements", judged, "--header", 0, "--text", "column 1")
    assert found["read"] == read(file, "column 1", layout=FileLayout(header=0)).reading()


def test_the_verb_on_judgements_gives_what_the_command_prints(beir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = told(capsys, "search", "--beir", beir, "--split", "dev")
    assert set(printed.pop("seconds")) == {"read", "index", "model", "embed", "evaluate"}  # type: ignore[call-overload]
    found = judged_search(*read_beir(beir, "dev"), EmbeddingChoice("letters"))
    assert printed == found.facts()
    assert found.sentence == printed["verdict"]
    table = found.table()
    assert table["method"].unique().tolist() == [one.method for one in found.comparison.ranked()]
    words = table[(table["method"] == "words") & (table["measure"] == "MRR@10")].iloc[0]
    assert (words["mean"], words["low"], words["high"]) == (1, 1, 1)
    assert {trace.name for trace in found.figure().data} == {"meaning", "words", "both"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{file}"], "nothing to search"),
        (["--query", "dog"], "nothing to search"),
        (["{file}", "--query", " "], "The query is empty"),
        (["{file}", "--query", "dog", "--k", "0"], "--k must be"),
        (["{file}", "--query", "dog", "--dimensions", "99"], "27 dimensions"),
        (["{file}", "--query", "dog", "--text", "nothing"], "nothing"),
        (["{beir}", "--query", "dog"], "folder"),
        (["{file}", "--beir", "{beir}"], "leave out FILE"),
        (["--beir", "{file}"], "no folder"),
        (["--beir", "{beir}", "--split", "test"], "there is dev"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str], says: str, file: Path, beir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("search", *(part.format(file=file, beir=beir) for part in arguments), "--json") == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.err.count("\n") == 1
    assert printed.out == ""


@pytest.mark.model
def test_minilm_finds_by_meaning(
    tmp_path: Path, minilm_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EMBEDLAB_HOME", str(minilm_home))
    path = tmp_path / "lines.txt"
    path.write_text("We had lunch by the river.\nThe bank raised its rates.\nA cat slept.\n", encoding="utf-8")
    found = told(capsys, "search", path, "--query", "eating beside a stream", "--mode", "meaning", "--k", "1")
    assert found["hits"][0]["row"] == 1  # type: ignore[index]
