"""Plain text that is more than a text a line: wrapped books, notes, labels, subtitles, bibliographies."""

from __future__ import annotations

import contextlib
import random
import textwrap

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.table import read_table
from tests.sentences import say, says

TEXTS = ["The printer does not work since Monday.", "Can I change my password please?", "The app is very slow today.",
         "Where is the nearest shop?", "I would like a refund now."]  # fmt: skip
DRAWN = random.Random(1)
PARAGRAPHS = [" ".join(DRAWN.choice(TEXTS) for _ in range(6)) for _ in range(12)]


def table_of(content: str, name: str = "a.txt", unit=None):
    return read_table(content.encode(), name, FileLayout(unit=unit))


BOOKS = {
    "blank lines": "\n\n".join(textwrap.fill(one, 72) for one in PARAGRAPHS),
    "narrow": "\r\n\r\n".join(textwrap.fill(one, 52).replace("\n", "\r\n") for one in PARAGRAPHS),
    "indented": "\n".join(textwrap.fill(one, 60, initial_indent="   ") for one in PARAGRAPHS),
}


@pytest.mark.parametrize("book", BOOKS)
def test_wrapped_lines_are_paragraphs_and_that_can_be_overruled(book: str) -> None:
    table = table_of(BOOKS[book])
    assert table.corpus().texts == tuple(PARAGRAPHS)
    assert table.layout.unit == "paragraph"
    assert "“line”" in table.notes[0].sentence
    lines = table_of(BOOKS[book], unit="line")
    assert (lines.layout.unit, len(lines)) == ("line", len(BOOKS[book].splitlines()))


@pytest.mark.parametrize(
    "content",
    [
        "\n\n".join("The rose is red\nAnd violets are blue so\nSugar is sweet\nand so are you" for _ in range(6)),
        "\n".join(TEXTS * 4),
        "\n\n".join(TEXTS * 4),
        "\n".join(f"2024-01-0{day} 10:00:00 INFO the service was started again by {'x' * day}" for day in range(1, 9)),
        "\n".join(PARAGRAPHS),
        "\n".join(f"{text[:-1]} and {'so on ' * (at % 4)}here" for at, text in enumerate(TEXTS * 4)),
        "\n".join(f"{'word ' * 11}end{at}." for at in range(20)),
    ],
    ids=["poem", "list", "list with blank lines", "log", "long lines", "no full stops", "even lines that end"],
)
def test_lines_of_their_own_stay_texts(content: str) -> None:
    table = table_of(content)
    assert table.layout.unit in ("line", None)
    assert len(table) == len(content.splitlines())


@pytest.mark.parametrize(
    "content",
    [
        "first --> second\nand a third line\n", "WEBVTT\n\nnothing --> more\n", "00:00:01,000 --> 00:00:02,000\n",
        "@misc\n@someone said so\n", "@article{never\n", "TY  - JOUR\n", "PMID- 1\nnothing\n", "PT J\nno tags here\n",
        "%0 x\n", "1/1/24, 10:00 - nobody\n1/1/24, 10:01 - still nobody\n", "__label__a\n__label__b\n", "# \n",
        "```\nnever closed\n", "---\n---\n", "window.x = \n", "x = [\n", "[1, 2\n", "{\n", "callback(\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "name", ["a.txt", "a.md", "a.srt", "a.vtt", "a.bib", "a.ris", "a.nbib", "a.log", "a.js", "a.json"]
)
def test_what_only_begins_like_a_format_is_read_or_refused(content: str, name: str) -> None:
    with contextlib.suppress(EmbedlabError):
        assert len(table_of(content, name)) >= 1


def test_paragraphs_can_be_asked_for_where_there_are_some() -> None:
    assert table_of("one\ntwo\n\nthree\n", unit="paragraph").corpus().texts == ("one two", "three")
    with pytest.raises(EmbedlabError, match="unit “paragraph”: choose “line”"):
        table_of("one\ntwo\nthree\n", unit="paragraph")


def test_scripts_without_spaces_are_joined_without_one() -> None:
    long = "昨日は雨が降っていたので家で本を読んで過ごしましたが今日は晴れたので散歩に行くことにしました。" * 3
    wrapped = "\n\n".join("\n".join(textwrap.wrap(long, 30)) for _ in range(4))
    assert table_of(wrapped).corpus().texts == (long,) * 4


def test_notes_are_paragraphs_and_items_under_their_heading() -> None:
    notes = (
        "---\ntitle: x\n---\n# Guide\n\nThis is a paragraph that\ngoes on here.\n\n```py\nx = 1\n```\n\n"
        "Second\n------\n\n"
        "1. First item here\n- [ ] Second item\n  goes on\n\n> A quote of it.\n"
    )
    table = table_of(notes, "a.md")
    assert table.corpus("text").texts == (
        "This is a paragraph that goes on here.", "First item here", "Second item goes on", "A quote of it.",
    )  # fmt: skip
    assert table.column("heading").values.tolist() == ["Guide", "Second", "Second", "Second"]
    assert says(table.notes[1].sentence, 2)
    assert len(table_of(notes, "a.md", "line")) == len(notes.splitlines())


@pytest.mark.parametrize("mark", ["__label__", "__class__", "__lang__"])
def test_lines_with_labels(mark: str) -> None:
    lines = [f"{mark}{'ab'[at % 2]} {text}" for at, text in enumerate(TEXTS)]
    lines[0] = f"{mark}b {lines[0]}"
    corpus = table_of("\n".join(lines)).corpus()
    assert corpus.texts == tuple(TEXTS)
    assert (corpus.label, corpus.column("label").values.tolist()) == ("label", ["b, a", "b", "a", "b", "a"])
    assert any(says(note.sentence, 1) for note in corpus.notes)


# --- Subtitles ------------------------------------------------------------------------------------

SPOKEN = ("The printer does not work.", "It is old.", "Is it?", "Yes & no.")
SUBTITLES = {
    "a.srt": "1\r\n00:00:01,000 --> 00:00:02,000\r\n{\\an8}The <i>printer</i> does\r\n\r\n2\r\n"
    "00:00:02,000 --> 00:00:03,500\r\n"
    "not work. It\r\nis old.\r\n\r\n3\r\n00:00:04,000 --> 00:00:05,000\r\n- Is it?\r\n- Yes & no.\r\n",
    "a.vtt": "WEBVTT\n\nNOTE a note\n\nintro\n00:01.000 --> 00:02.000 align:start\n<v Ann>The printer does\n\n"
    "00:02.000 --> 00:03.500\n<v Ann>not work. It is old.\n\n00:04.000 --> 00:05.000\n<v Bob>Is it?\n\n"
    "00:05.000 --> 00:06.000\n<v Ann>Yes &amp; no.\n",
    "a.sbv": "0:00:01.000,0:00:02.000\nThe printer does\n\n0:00:02.000,0:00:03.500\nnot work. It is old. Is it?\n\n"
    "0:00:04.000,0:00:05.000\nYes & no.\n",
    "a.txt": "00:00:01,000 --> 00:00:02,000\nThe printer does not work. It is old.\n\n"
    "00:00:04,000 --> 00:00:05,000\n- Is it?\n- Yes & no.\n",
}


@pytest.mark.parametrize("name", SUBTITLES)
def test_subtitles_are_sentences_with_their_start(name: str) -> None:
    table = table_of(SUBTITLES[name], name)
    assert table.corpus("text").texts == SPOKEN
    assert table.column("start (s)").values[0] == 1.0
    assert (table.layout.unit, table.units) == ("sentence", ("sentence", "line"))
    assert len(table_of(SUBTITLES[name], name, "line")) == len(SUBTITLES[name].splitlines())


def test_who_speaks_and_lines_that_roll_on() -> None:
    assert table_of(SUBTITLES["a.vtt"], "a.vtt").column("speaker").values.tolist() == ["Ann", "Ann", "Bob", "Ann"]
    rolling = (
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nhello<00:00:01.200><c> there</c>\n\n00:00:02.000 --> 00:00:02.010\n"
        "hello there\n \n\n00:00:02.010 --> 00:00:04.000\nhello there\nwe begin\n"
    )
    assert table_of(rolling, "a.vtt").corpus().texts == ("hello there we begin",)


# --- Bibliographies -------------------------------------------------------------------------------

REFERENCES = {
    "a.ris": "TY  - JOUR\nTI  - {title}\nAB  - {words}\n  goes on.\nAU  - Smith, J\nAU  - Doe, K\n"
    "PY  - 2020\nER  - \n\n",
    "a.nbib": "PMID- {at}\nOWN - NLM\nTI  - {title}\nAB  - {words}\n      goes on.\nAU  - Smith, J\nAU  - Doe, K\n\n",
    "a.bib": '@article{{k{at},\n title = {{{title}}},\n abstract = "{words} goes on.",\n'
    " author = {{Smith, J; Doe, K}},\n"
    " year = 2020\n}}\n",
    "a.enw": "%0 Journal Article\n%T {title}\n%A Smith, J\n%A Doe, K\n%X {words} goes on.\n%D 2020\n\n",
    "a.txt": "PT J\nAU Smith, J\n   Doe, K\nTI {title}\nAB {words}\n   goes on.\nPY 2020\nER\n\n",
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_bibliography_is_a_row_a_record(name: str) -> None:
    content = "".join(REFERENCES[name].format(at=at, title=text, words=text * 2) for at, text in enumerate(TEXTS))
    table = table_of(content, name)
    assert table.column("title").values.tolist() == TEXTS
    assert table.column("abstract").values[0] == f"{TEXTS[0] * 2} goes on."
    assert table.column("authors").values[0] == "Smith, J; Doe, K"
    assert table.guessed_text == "abstract"


def test_marks_of_tex_are_letters_and_a_damaged_entry_ends() -> None:
    content = (
        '@string{x = {y}}\n@book{a, title = {{\\"U}ber {NASA} \\& caf\\\'e}, author = "M{\\"u}ller"}\n'
        "@misc{b, title = {never closed\n@misc{c,\n title = {A third one}\n}\n"
    )
    titles = table_of(content, "a.bib").column("title").values.tolist()
    assert titles == ["Über NASA & café", "never closed", "A third one"]


def test_a_record_without_an_abstract_is_counted() -> None:
    whole = REFERENCES["a.ris"].format(title=TEXTS[0], words=TEXTS[1])
    table = table_of(f"{whole}{whole}TY  - JOUR\nTI  - Only this\nER  - \n", "a.ris")
    assert say([note.sentence for note in table.notes if note.rows], (1,))
    assert len(table) == 3
