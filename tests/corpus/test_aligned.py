"""Tables that are drawn for the eye, and what only looks like one."""

from __future__ import annotations

import pandas as pd
import pytest

from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.table import Table, read_table

TEXTS = ["the parcel never came", "my card was declined", "how do I change it", "the app crashes", "money back please"]
LABELS = ["post", "card", "home", "app", "card"]


def table(content: str, name: str = "t.txt", **layout: object) -> Table:
    return read_table(content.encode(), name, FileLayout(**layout))  # type: ignore[arg-type]


def names(read: Table) -> list[str]:
    return [column.name for column in read.columns]


def told(read: Table, part: str) -> bool:
    return any(part in note.sentence for note in read.notes)


def texts(read: Table) -> list[str]:
    return list(read.corpus().texts)


LEFT = "\n".join(
    [
        "id   label  text",
        *(f"{at:<5}{label:<7}{text}" for at, (label, text) in enumerate(zip(LABELS, TEXTS, strict=True))),
    ]
)
MARKDOWN = "\n".join(
    ["| text | label |", "|:-----|------:|", *(f"| {t} | {label} |" for t, label in zip(TEXTS, LABELS, strict=True))]
)
CONSOLE = "\n".join(
    [
        " text | label ",
        "------+-------",
        *(f" {t} | {label}" for t, label in zip(TEXTS, LABELS, strict=True)),
        "(5 rows)",
        "",
    ]
)
BOX = "\n".join(
    [
        "+----+---+",
        "| text | label |",
        "+----+---+",
        *(f"| {t} | {label} |" for t, label in zip(TEXTS, LABELS, strict=True)),
        "+----+",
    ]
)


@pytest.mark.parametrize("name", ["t.txt", "t.csv", "t"])
def test_columns_with_runs_of_spaces_between(name: str) -> None:
    read = table(LEFT, name)
    assert names(read) == ["id", "label", "text"]
    assert texts(read) == TEXTS
    assert told(read, "separated by runs of spaces")
    assert read.layout.delimiter == "  "


def test_a_printed_frame_has_an_index_without_a_name() -> None:
    frame = pd.DataFrame({"score": [1.5, 22.25, 3, 4, 5], "text": TEXTS})
    read = table(frame.to_string())
    assert names(read) == ["column 1", "score", "text"]
    assert read.column("score").values.tolist() == [1.5, 22.25, 3, 4, 5]
    assert texts(read) == TEXTS


def test_empty_cells_of_aligned_columns_stay_in_their_column() -> None:
    read = table(LEFT.replace("card   my", "       my"))
    assert read.column("label").values.tolist() == ["post", None, "home", "app", "card"]


def test_runs_of_spaces_that_do_not_stand_below_each_other() -> None:
    read = table("id  text\n" + "\n".join(f"{'9' * (at + 1)}  {text}" for at, text in enumerate(TEXTS)))
    assert names(read) == ["id", "text"]
    assert texts(read) == TEXTS


@pytest.mark.parametrize(("content", "name"), [(MARKDOWN, "t.md"), (CONSOLE, "t.txt"), (BOX, "t.txt"), (BOX, "t.csv")])
def test_bars_and_rules(content: str, name: str) -> None:
    read = table(content, name)
    assert names(read) == ["text", "label"]
    assert texts(read) == TEXTS
    assert told(read, "drawn with bars")


def test_a_title_above_a_drawn_table_and_a_bar_in_a_cell() -> None:
    read = table("# My tickets\n\n" + MARKDOWN.replace("the app", r"the \| app"), "t.md")
    assert texts(read)[3] == "the | app crashes"
    assert told(read, "1 row above the column names was left out")


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(f"{text}.  {text[: at + 3]} again." for at, text in enumerate(TEXTS)),
        "\n".join(TEXTS) + "\nthis one is longer than the others.  And here is more.",
        "a poem of lines\n    that goes in\n    and out again\nand nothing more\n    than that here",
        "\n".join(TEXTS) + "\n" + "-" * 20 + "\n| not a table",
    ],
)
def test_prose_is_no_table(content: str) -> None:
    read = table(content)
    assert names(read) == ["text"]


def test_markdown_with_a_table_among_paragraphs_stays_markdown() -> None:
    read = table(f"# Notes\n\nFirst a paragraph of words.\n\n{MARKDOWN}\n\nAnd then another paragraph.\n", "t.md")
    assert "heading" in names(read)


def test_runs_of_spaces_can_be_said_and_overruled() -> None:
    assert names(table("text  n\nhello you  1\nbye  2", delimiter="spaces")) == ["text", "n"]
    assert names(table(LEFT, delimiter="none")) == ["text"]


@pytest.mark.parametrize("mark", ["||", "|||", ";;", "~~"])
@pytest.mark.parametrize("name", ["t.txt", "t.csv"])
def test_a_doubled_mark_is_one(mark: str, name: str) -> None:
    rows = [["id", "text", "label"], *([str(at), text, "b"] for at, text in enumerate(TEXTS))]
    rows[2][2] = ""
    read = table("\n".join(mark.join(row) for row in rows), name)
    assert names(read) == ["id", "text", "label"]
    assert texts(read) == TEXTS


def test_an_empty_column_is_no_doubled_mark() -> None:
    read = table("id|note|text\n" + "\n".join(f"{at}||{text}" for at, text in enumerate(TEXTS)), "t.csv")
    assert names(read) == ["id", "note", "text"]
