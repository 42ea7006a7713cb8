"""The command line: files out, counts, and one line with status 2 for bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import embedlab.cli.main as command_line
from embedlab import pipeline
from embedlab.encoders import load
from tests.conftest import LetterEncoder

ROOT = Path(__file__).parents[2]
ANIMALS = ("cat", "dog", "fish", "bird", "horse", "mouse")
LINES = ["aab cd", "aba dc", "", "xyz uv", "zyx vu", "xzy uu", "=aab", "baa cc"]


@pytest.fixture
def tickets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pipeline, "load", lambda name="", exact=False, texts=(): LetterEncoder())
    path = tmp_path / "tickets.csv"
    rows = [f'"{line}",{"ab"[number % 2]},{number}' for number, line in enumerate(LINES)]
    path.write_text("message,topic,x\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def run(*arguments: object) -> int:
    return command_line.main([str(argument) for argument in arguments])


def test_map_writes_a_page_and_a_table_of_every_row(
    tickets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, table = tmp_path / "map.html", tmp_path / "points.parquet"
    assert run("map", tickets, "--text", "message", "--label", "topic", "--out", page, "--table", table, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows_read"], told["texts"], told["dropped"], told["encoded_now"]) == (8, 7, 1, 7)
    assert {"read", "model", "embed", "neighbours", "layout", "clusters", "trust", "write"} == set(told["seconds"])
    frame = pd.read_parquet(table)
    assert list(frame.columns) == ["message", "topic", "x", "map_x", "y", "cluster", "cluster_name", "trust"]
    assert frame["x"].tolist() == list(range(8))
    assert frame["map_x"].isna().tolist() == [not line for line in LINES]
    assert frame["trust"].dropna().between(0, 1).all()
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_map_of_a_sample_as_a_table_alone(tickets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "points.csv"
    assert run("map", tickets, "--sample", 5, "--table", table, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["texts"], told["sampled_from"]) == (5, 7)
    assert (told["landmarks"], told["neighbours_recall"]) == (None, None)
    assert len(pd.read_csv(table)) == 8
    assert pd.read_csv(table)["map_x"].notna().sum() == 5
    assert sorted(one.name for one in tmp_path.glob("*.html")) == []
    assert run("map", tickets) == 2
    assert "name a page with --out map.html, or a table with --table" in capsys.readouterr().err
    assert run("map", tickets, "--sample", 0, "--table", table) == 2
    assert "ask for one text or more" in capsys.readouterr().err


def test_map_is_the_same_for_the_same_seed(tickets: Path, tmp_path: Path) -> None:
    places = []
    for seed in (1, 1, 2):
        table = tmp_path / "points.csv"
        assert run("map", tickets, "--seed", seed, "--out", tmp_path / "map.html", "--table", table) == 0
        places.append(pd.read_csv(table)[["map_x", "y"]].dropna().to_numpy())
    np.testing.assert_array_equal(places[0], places[1])
    assert not np.array_equal(places[0], places[2])


def test_a_csv_table_is_safe_in_a_spreadsheet(tickets: Path, tmp_path: Path) -> None:
    table = tmp_path / "points.csv"
    run("map", tickets, "--out", tmp_path / "map.html", "--table", table)
    assert "'=aab" in table.read_text(encoding="utf-8-sig")


def test_embed_writes_unit_vectors(tickets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "vectors.npy"
    assert run("embed", tickets, "--text", "message", "--out", out, "--json") == 0
    vectors = np.load(out, allow_pickle=False)
    assert vectors.shape == (7, 27)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)
    assert json.loads(capsys.readouterr().out)["dimensions"] == 27
    assert run("embed", tickets, "--text", "message", "--out", out, "--json") == 0
    assert json.loads(capsys.readouterr().out)["encoded_now"] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{file}", "--text", "nothing", "--out", "{out}"], "nothing"),
        (["{file}", "--text", "x", "--out", "{out}"], "numbers"),
        (["{folder}/missing.csv", "--out", "{out}"], "missing.csv"),
        (["{folder}", "--out", "{out}"], "folder"),
        (["{file}", "--label", "nothing", "--out", "{out}"], "nothing"),
        (["{file}", "--out", "{folder}/no/such/map.html"], "does not exist"),
        (["{file}", "--out", "{folder}"], "folder"),
        (["{file}", "--out", "{out}", "--table", "{folder}/no/points.parquet"], "does not exist"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    tickets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    places = {"file": tickets, "out": tmp_path / "map.html", "folder": tmp_path}
    assert run("map", *(argument.format(**places) for argument in arguments)) == 2
    error = [line for line in capsys.readouterr().err.splitlines() if line.startswith("embedlab: ")]
    assert len(error) == 1
    assert says in error[0]


def test_unknown_options_end_with_status_2(tickets: Path) -> None:
    with pytest.raises(SystemExit) as stop:
        run("map", tickets, "--no-such-option")
    assert stop.value.code == 2


@pytest.mark.model
def test_the_real_model_maps_a_file_in_a_process_of_its_own(tmp_path: Path, minilm_home: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text(
        "\n".join(["the cat sat", "a dog barked", "stocks fell", "shares rose", "a kitten slept"]), encoding="utf-8"
    )
    command = [sys.executable, "-m", "embedlab", "map", str(file), "--out", str(tmp_path / "map.html"), "--json"]
    environment = os.environ | {"EMBEDLAB_HOME": str(minilm_home)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["texts"], told["dimensions"], told["model"]) == (5, 384, "all-MiniLM-L6-v2")


# --- Models, own vectors -------------------------------------------------------------------------


def test_models_are_listed_ready_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("models", "--json") == 0
    known = {model["name"]: model for model in json.loads(capsys.readouterr().out)}
    assert known["all-MiniLM-L6-v2"]["ready"]
    assert known["wordllama"]["truncates_to"] == [64, 128]
    assert {model["family"] for model in known.values()} >= {"Lexical", "Static token vectors", "Transformer"}
    assert run("models") == 0
    assert "all-MiniLM-L6-v2  Transformer, ready" in capsys.readouterr().out


@pytest.mark.parametrize(("model", "dimensions"), [("tf-idf", 7), ("wordllama", 256)])
def test_any_model_embeds_the_file(
    model: str, dimensions: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "t.csv", tmp_path / "v.npy"
    path.write_text(
        "text,n\n" + "\n".join(f"the {word},1" for word in ["cat", "dog", "fish", "bird", "horse", "mouse"])
    )
    assert run("embed", path, "--text", "text", "--model", model, "--out", out, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    vectors = np.load(out)
    assert told["model"].lower().startswith(model[:2])
    assert vectors.shape[0] == 6
    assert vectors.shape[1] <= dimensions
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_fewer_dimensions(tickets: Path, tmp_path: Path) -> None:
    out = tmp_path / "v.npy"
    assert run("embed", tickets, "--dimensions", 5, "--out", out) == 0
    assert np.load(out).shape == (7, 5)


def test_own_vectors_take_the_models_place(tickets: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", np.eye(8))
    out = tmp_path / "v.npy"
    assert run("embed", tickets, "--vectors", tmp_path / "mine.npy", "--out", out) == 0
    np.testing.assert_array_equal(np.load(out), np.delete(np.eye(8), 2, axis=0))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "nobody/knows"], "There is no model “nobody/knows” here"),
        (["--dimensions", "0"], "choose between 1 and 27"),
        (["--dimensions", "28"], "choose between 1 and 27"),
        (["--vectors", "emb"], "No column “emb” of vectors came with these texts"),
        (["--vectors", "nowhere.npy"], "nowhere.npy can't be read"),
    ],
)
def test_bad_choices_end_with_status_2(
    arguments: list[str],
    said: str,
    tickets: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "--model" in arguments:
        monkeypatch.setattr(pipeline, "load", load)
    assert run("embed", tickets, *arguments, "--out", tmp_path / "v.npy") == 2
    assert said in capsys.readouterr().err


def test_the_unit_says_what_one_text_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "talk.jsonl"
    turns = [{"role": "user", "content": "Where is my parcel?"}, {"role": "assistant", "content": "It is on its way."}]
    path.write_text("\n".join(json.dumps({"messages": turns}) for _ in range(3)), encoding="utf-8")
    out = tmp_path / "v.npy"
    for unit, texts in (("message", 6), ("conversation", 3)):
        assert run("embed", path, "--unit", unit, "--model", "tf-idf", "--out", out, "--json") == 0
        assert json.loads(capsys.readouterr().out)["texts"] == texts
    assert run("embed", path, "--unit", "paragraph", "--model", "tf-idf", "--out", out) == 2
    assert "choose “message” or “conversation”" in capsys.readouterr().err
