"""The output keeps its word: JSON that is JSON, files as their ending says, one line for whatever is wrong."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.base.plain import plain
from embedlab.cli.main import CLOSED, main
from embedlab.corpus.writing import ENDINGS, XLSX_CHARACTERS, ending_of, table_bytes

WORDS = ("ab", "cd", "ef", "gh", "ij", "kl", "mn", "op", "qr", "st")
MODEL = ["--model", "tf-idf"]
FILES = {
    **{f"{count} texts": [f"The {word} is broken." for word in WORDS[:count]]
       for count in (1, 2, 3, 5, 10)},
    "all the same": ["I agree with this."] * 50,
    "two texts": ["I agree with this.", "I do not agree at all."] * 30,
    "one class": [f"Word {number} of one class here" for number in range(30)],
}  # fmt: skip


def strict(text: str) -> object:
    def refuse(name: str) -> float:
        raise AssertionError(name)

    return json.loads(text, parse_constant=refuse)


def written(folder: Path, texts: list[str]) -> Path:
    path = folder / "texts.csv"
    path.write_text("text,topic\n" + "".join(f"{text},x\n" for text in texts), encoding="utf-8")
    return path


@pytest.mark.parametrize("texts", FILES)
def test_json_is_json_whatever_the_texts(texts: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(written(tmp_path, FILES[texts]))
    for command in (
        ["map", file, *MODEL, "--out", str(tmp_path / "m.html")],
        ["embed", file, *MODEL, "--out", str(tmp_path / "v.npy")],
        ["check", file, *MODEL, "--label", "topic", "--out", str(tmp_path / "c.html")],
        ["search", file, *MODEL, "--query", "broken"],
        ["compare", file, "--models", "tf-idf,wordllama", "--out", str(tmp_path / "d.html")],
        ["drift", file, file, *MODEL],
    ):
        status = main([*command, "--json"])
        out, err = capsys.readouterr()
        assert status in (0, 2), command
        if status:
            assert err.count("embedlab:") == 1
            assert "Traceback" not in err
        else:
            assert isinstance(strict(out), dict), command


def test_facts_of_every_answer_are_plain() -> None:
    told = {
        "a": math_nan(),
        "b": [np.float32("inf"), np.int64(3)],
        "c": (1.5, np.array([np.nan, 2.0])),
        "d": {"e": True},
    }
    assert plain(told) == {"a": None, "b": [None, 3], "c": [1.5, [None, 2.0]], "d": {"e": True}}


def math_nan() -> float:
    return float("nan")


# --- Files as their ending says --------------------------------------------------------------------

ODD = ["=1+1", "-x", "a_x000D_b", "bell\x07", "line\r\nbreak", "ü€😀", "", "long" * 10_000]


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "text": pd.Series(ODD, dtype="str"),
            "n": pd.array([1, None, 3, 2**53 + 1, 5, 6, 7, 8], dtype="Int64"),
            "x": [0.5, np.nan, np.inf, 1, 2, 3, 4, 5],
            "when": pd.to_datetime(["2024-01-02", None, *["1850-05-06"] * 6]),
            "so": [True, False] * 4,
        }
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_table_is_written_as_its_ending_says(ending: str) -> None:
    content, _ = table_bytes(frame(), ending)
    if ending.endswith(".gz"):
        content = gzip.decompress(content)
    kind = ending.removesuffix(".gz")
    if kind == ".parquet":
        assert pd.read_parquet(io.BytesIO(content))["n"].isna().sum() == 1
    elif kind in (".json", ".jsonl"):
        lines = (
            strict(content.decode()) if kind == ".json" else [strict(line) for line in content.decode().splitlines()]
        )
        assert [line["text"] for line in lines] == ODD  # type: ignore[union-attr, index]
        assert lines[1]["n"] is lines[1]["x"] is lines[1]["when"] is lines[2]["x"] is None  # type: ignore[index]
        assert lines[0]["when"].startswith("2024-01-02")  # type: ignore[index]
    elif kind in (".csv", ".tsv"):
        read = pd.read_csv(io.BytesIO(content), sep="\t" if kind == ".tsv" else ",", encoding="utf-8-sig")
        assert read["text"][0] == "'=1+1"
        assert len(read) == len(ODD)


def test_a_workbook_runs_no_text_and_says_what_it_could_not_hold() -> None:
    content, notes = table_bytes(frame(), ".xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    cells = list(sheet.iter_rows(min_row=2))
    assert [cell.value for cell in next(sheet.iter_rows(max_row=1))] == list(frame().columns)
    assert (cells[0][0].value, cells[0][0].data_type) == ("=1+1", "s")
    assert cells[2][0].value in ("a_x000D_b", "a_x005F_x000D_b")
    assert cells[3][0].value == "bell�"
    assert cells[3][1].value == str(2**53 + 1)
    assert len(cells[7][0].value) == XLSX_CHARACTERS
    assert cells[2][2].value is None
    assert cells[2][3].value == "1850-05-06"
    assert notes[0].startswith("1 cell of more than 32,767")
    assert notes[1].startswith("1 cell with characters")


def test_too_many_rows_for_a_workbook() -> None:
    with pytest.raises(EmbedlabError, match=r"1,048,575 rows"):
        table_bytes(pd.DataFrame({"a": np.zeros(1_048_576, dtype=np.int8)}), ".xlsx")


@pytest.mark.parametrize("name", ["x.txt", "x", "x.xls", "x.parquet.gz", ".csv", "x.csv.zip", "x.pdf"])
def test_an_ending_that_says_no_format_is_refused(name: str) -> None:
    with pytest.raises(EmbedlabError, match=r"\.csv, \.tsv, \.json, \.jsonl, \.parquet or \.xlsx"):
        ending_of(Path(name))


@pytest.mark.parametrize("name", ["t.xlsx", "t.json", "t.JSONL", "t.tsv.gz"])
def test_map_writes_the_table_that_is_asked_for(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, FILES["10 texts"])
    assert main(["map", str(file), *MODEL, "--out", str(tmp_path / "m.html"), "--table", str(tmp_path / name)]) == 0
    from embedlab.corpus.reading.table import read_table

    assert len(read_table(tmp_path / name)) == 10


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["map", "{file}", "--out", "{file}"], "already"),
        (["map", "{file}", "--out", "m.txt"], ".html or .htm"),
        (["map", "{file}", "--out", "m.html", "--table", "t.doc"], ".xlsx"),
        (["map", "{file}", "--out", "m.html", "--table", "{file}"], "already"),
        (["map", "{file}", "--out", "nowhere/m.html"], "does not exist"),
        (["map", "{file}", "--out", "."], "is a folder"),
        (["embed", "{file}", "--out", "v.csv"], ".npy"),
        (["check", "{file}", "--out", "{file}"], "already"),
        (["check", "{file}", "--seed", "-1"], "0 to 4294967295"),
        (["check", "{file}", "--seed", "x"], "--seed"),
        (["check", "{file}", "--threshold", "nan"], ""),
        (["check", "{file}", "--threshold", "-3"], ""),
        (["check", "{file}", "--label", "nothing"], "nothing"),
        (["check", "{file}", "--fail-on", "x>>3"], "can't be read"),
        (["search", "{file}", "--query", "a", "--k", "0"], "--k"),
        (["search", "{file}", "--query", "a", "--k", "1e3"], "--k"),
        (["search", "{file}", "--query", "a", "--dimensions", "-5"], ""),
        (["search", "{file}", "--query", " "], "empty"),
        (["search", "."], "--query"),
        (["search", ".", "--query", "a"], "folder"),
        (["search", "gone.csv", "--query", "a"], "no file"),
        (["search", "{file}", "--judgements", "{file}", "--query", "a"], "leave out --query"),
        (["search", "{file}", "--judgements", "gone.csv"], "no file"),
        (["search", "{file}", "--judgements", "{file}"], "query"),
        (["search", "{file}", "--query", "a", "--columns", "b"], "--judgements"),
        (["compare", "{file}", "--models", "tf-idf,wordllama", "--pairs", "{file}"], ""),
        (["compare", "{file}", "--models", "tf-idf,wordllama", "--k", "-1"], "--k"),
        (["drift", "{file}", "--by", "text", "--at", "9999999-99-99"], ""),
        (["drift", "{file}", "--by", "nothing"], "nothing"),
        (["finetune", "{file}", "--label", "topic", "--out", "f", "--held-out", "nan"], ""),
        (["finetune", "{file}", "--label", "topic", "--out", "f", "--epochs", "-1"], ""),
        (["finetune", "{file}", "--label", "topic", "--out", "f", "--sample", "-1"], ""),
        (["finetune", "{file}", "--label", "topic", "--out", "f", "--minutes", "nan"], "--minutes"),
        (["nothing"], "nothing"),
        ([], "COMMAND"),
    ],
)
def test_whatever_is_wrong_is_one_line(
    command: list[str], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, FILES["10 texts"])
    before = file.read_bytes()
    monkeypatch.chdir(tmp_path)
    try:
        status = main([part.replace("{file}", str(file)) for part in command])
    except SystemExit as ended:
        status = int(ended.code or 0)
    err = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("note:")]
    assert status == 2
    assert len(err) == 1
    assert err[0].startswith("embedlab: ")
    assert why in err[0]
    assert file.read_bytes() == before


# --- Who reads the output --------------------------------------------------------------------------


def process(*arguments: str, **env: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "embedlab", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, **env},
    )  # fmt: skip


def test_a_terminal_without_unicode_gets_what_it_can_show(tmp_path: Path) -> None:
    file = tmp_path / "ü.csv"
    file.write_text("text\nüber alles\nunter uns 😀\n", encoding="utf-8")
    for more, unicode in ((["--json"], "\\u00fc"), ([], "?ber alles")):
        ran = process("search", str(file), "--query", "über", "--mode", "words", *more, PYTHONIOENCODING="ascii")
        out, err = ran.communicate(timeout=120)
        assert ran.returncode == 0, err
        assert unicode in out.decode("ascii")


def test_who_reads_only_the_first_line_ends_it_quietly() -> None:
    ran = process("models", PYTHONUNBUFFERED="1")
    assert ran.stdout is not None
    assert ran.stderr is not None
    ran.stdout.close()
    assert ran.stderr.read() == b""
    assert ran.wait(timeout=120) in (CLOSED, 1)
