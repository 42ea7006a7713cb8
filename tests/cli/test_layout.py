"""How a file is laid out can be said on the command line and in Python; what was taken is told."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import openpyxl
import pytest

import embedlab as el
import embedlab.cli.main as command_line
from embedlab import pipeline
from embedlab.base.errors import EmbedlabError
from embedlab.encoders import speed
from tests.conftest import LetterEncoder
from tests.pages.halves import HalfEncoder

WORDS = ["aab cd", "aba dc", "xyz uv", "zyx vu", "xzy uu", "baa cc", "cab ab", "bca ba"]
LINES = [f"{word} {'x' * (at % 5)}{'y' * (at % 3)}" for at, word in enumerate(WORDS * 8)]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pipeline, "load", lambda name="", exact=False, texts=(): LetterEncoder())
    path = tmp_path / "t.csv"
    path.write_text("message;topic\n" + "".join(f"{line};{'ab'[at % 2]}\n" for at, line in enumerate(LINES)))
    return path


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, object]:
    assert command_line.main([*map(str, arguments), "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


TAKEN = {
    "encoding": "utf-8", "delimiter": ";", "above": 0, "header": 1, "text_column": "message", "label_column": "topic",
}  # fmt: skip


def test_every_command_tells_how_its_file_was_read(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    models = {"letters": LetterEncoder, "halves": HalfEncoder}
    monkeypatch.setattr(pipeline, "load", lambda name="", exact=False, texts=(): models.get(name, LetterEncoder)())
    monkeypatch.setattr(speed, "AT_LEAST", 0.001)
    commands = [
        ("map", file, "--out", tmp_path / "m.html"),
        ("embed", file, "--out", tmp_path / "v.npy"),
        ("search", file, "--query", "aab", "--mode", "words"),
        ("check", file, "--label", "topic"),
        ("drift", file, "--by", "topic"),
        ("compare", file, "--models", "letters,halves"),
    ]
    for command in commands:
        assert told(capsys, *command)["read"] == TAKEN, command[0]


def test_what_is_said_is_taken(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "search", file, "--query", "aab", "--mode", "words", "--header", 0, "--delimiter", ";")
    assert (found["texts"], found["read"]["header"], found["read"]["text_column"]) == (65, 0, "column 1")  # type: ignore[index]
    found = told(capsys, "search", file, "--query", "aab", "--mode", "words", "--above", 2, "--header", 0)
    assert found["texts"] == 63
    found = told(capsys, "search", file, "--query", "aab", "--mode", "words", "--delimiter", "none")
    assert found["read"]["text_column"] == "message;topic"  # type: ignore[index]
    found = told(capsys, "search", file, "--query", "aab", "--mode", "words", "--encoding", "latin-1")
    assert found["read"]["encoding"] == "iso8859-1"  # type: ignore[index]
    found = told(capsys, "search", file, "--query", "aab", "--mode", "words", "--text", "message,topic")
    assert found["read"]["text_column"] == ["message", "topic"]  # type: ignore[index]


def test_two_files_are_laid_out_alike_and_both_are_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = file.with_name("u.csv")
    other.write_text(file.read_text())
    found = told(capsys, "drift", file, other, "--header", 1, "--delimiter", "semicolon")
    assert found["read"] == found["read_after"] == TAKEN
    found = told(capsys, "check", file, "--label", "topic", "--against", other)
    assert found["read"] == found["drift"]["read"] == found["drift"]["read_after"] == TAKEN


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (["--encoding", "klingon"], "no encoding"),
        (["--delimiter", '"'], "can't be separated"),
        (["--header", "-1"], "can't have"),
        (["--header", "99"], "no rows"),
        (["--above", "99"], "no row below"),
        (["--text", "nothing"], "no column named"),
    ],
)
def test_a_wrong_wish_is_one_line(
    file: Path, capsys: pytest.CaptureFixture[str], wish: list[str], sentence: str
) -> None:
    assert command_line.main(["search", str(file), "--query", "aab", "--mode", "words", *wish]) == 2
    error = capsys.readouterr().err.strip()
    assert sentence in error
    assert "\n" not in error


def test_sheets_and_hidden_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    other = book.create_sheet("Answers")
    for row in [["text"], ["it is good"], ["it is bad"], ["it is so so"]]:
        book.active.append([f"{row[0]} here"])
        other.append(row)
    other.row_dimensions[3].hidden = True
    path = tmp_path / "b.xlsx"
    book.save(path)
    found = told(capsys, "search", path, "--query", "good", "--mode", "words", "--sheet", 2)
    assert (found["read"]["sheet"], found["read"]["hidden"], found["texts"]) == ("Answers", True, 3)  # type: ignore[index]
    found = told(capsys, "search", path, "--query", "good", "--mode", "words", "--sheet", "Answers", "--no-hidden")
    assert (found["read"]["hidden"], found["texts"]) == (False, 2)  # type: ignore[index]
    assert command_line.main(["search", str(path), "--query", "good", "--mode", "words", "--sheet", "9"]) == 2


def test_python_says_it_by_name(file: Path) -> None:
    corpus = el.read(file)
    assert corpus.layout.delimiter == ";"
    assert corpus.text_columns == ("message",)
    assert el.read(file, header=0).texts[0] == "message"
    assert len(el.read(file, above=3, header=0)) == 62
    assert el.read(file, delimiter="none").text_columns == ("message;topic",)
    zipped = gzip.compress("text\nпривет, как дела\n".encode("koi8_r"))
    assert el.read(zipped, name="t.csv.gz", encoding="koi8_r", delimiter="none").texts == ("привет, как дела",)
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    with pytest.raises(EmbedlabError, match="no sheet “7”"):
        el.read(stream.getvalue(), name="b.xlsx", sheet=7)


def test_how_a_file_was_read_is_no_part_of_what_its_texts_are(file: Path) -> None:
    other = file.with_name("u.tsv")
    other.write_text(file.read_text().replace(";", "\t"))
    assert el.read(file).fingerprint == el.read(other).fingerprint
    assert el.from_texts(["one text"]).reading() == {"text_column": "text", "label_column": None}
