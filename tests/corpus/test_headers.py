"""Where a table begins: questions, titles and comments above it, second and third rows of names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.header import Head, find_head
from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.table import Table, read_table
from tests.sentences import says

ANSWERS = [
    "The people were kind and patient with me.",
    "Nothing, it was well organised from start to end.",
    "More time for questions after each talk.",
    "The lunch was good, but the queue was long.",
]


def table(content: str, name: str = "t.csv", **layout: object) -> Table:
    return read_table(content.encode(), name, FileLayout(**layout))  # type: ignore[arg-type]


def names(read: Table) -> list[str]:
    return [column.name for column in read.columns]


def quoted(*cells: str) -> str:
    return ",".join(f'"{cell}"' for cell in cells) + "\n"


# --- Questions above answers ---------------------------------------------------------------------


def test_a_form_is_read_with_its_questions_as_names_and_its_longest_answer_as_text() -> None:
    head = quoted("Timestamp", "Your e-mail", "What did you like?", "Is there anything else you would like to say?")
    rows = "".join(
        quoted(f"1/{at + 1}/2024 10:00:00", f"a{at}@b.example", "The talks", ANSWERS[at % 4] * 2) for at in range(8)
    )
    read = table(head + rows)
    assert (len(read), read.layout.header) == (8, 1)
    assert read.guessed_text == "Is there anything else you would like to say?"
    told = table(head + rows, header=0)
    assert (len(told), told.layout.header) == (9, 0)


@pytest.mark.parametrize(
    "question",
    [
        "Why did you cancel your subscription?",
        "What went wrong with the order?",  # speaks to nobody, but none of many answers is a question
        "Please describe your experience with our team.",
        "Wie zufrieden waren Sie mit unserem Kurs?",
        "Qu'avez-vous pensé de votre séjour chez nous ?",
        "Comments:",
        "请描述您对我们服务的看法？",
    ],
)
def test_one_question_above_its_answers_is_a_name(question: str) -> None:
    read = table(quoted(question) + "".join(quoted(answer) for answer in ANSWERS * 6))
    assert (names(read), len(read)) == ([question], 24)


def test_two_questions_above_answers_are_names_however_few_there_are() -> None:
    head = quoted("What did you like most about the event?", "What should we change before the next event?")
    assert len(table(head + quoted(ANSWERS[0], ANSWERS[1]) + quoted(ANSWERS[2], ANSWERS[3]))) == 2


@pytest.mark.parametrize(
    "rows",
    [
        ["Where is my order now?", "It never arrived at my house.", "Please refund the whole amount."],
        ["How do I pay for it?", "Where is my order now?", "Can I send it back later?"] * 8,
        ["Can you help me with this?", "Why is your app so slow?", "I will not pay for that."],
    ],
)
def test_a_question_among_questions_or_complaints_is_a_text(rows: list[str]) -> None:
    assert len(table("".join(map(quoted, rows)))) == len(rows)


# --- Above the table -----------------------------------------------------------------------------

TABLE = "id,text,label\n1,hello there you,a\n2,good bye now,b\n3,see you soon,a\n"


@pytest.mark.parametrize(
    ("above", "count"),
    [
        ("# exported on 2024-01-31\n", 1),
        ("# exported on Jan 31, 2024, by Ann\n# two, lines, of comments\n", 2),
        ("// made by a program\n", 1),
        ("Report Q3\n", 1),
        ("Report Q3,,\n", 1),
        ("Customer feedback 2024\n\n", 2),
        ("\n\n", 2),
        ("Report,Q3\nDate,2024-01-31\n\n", 3),
    ],
)
def test_titles_and_comments_above_the_names_are_left_out_and_said(above: str, count: int) -> None:
    read = table(above + TABLE)
    assert names(read) == ["id", "text", "label"]
    assert (len(read), read.layout.above, read.layout.header) == (3, count, 1)
    told = [note for note in read.notes if "above" in note.sentence]
    assert [note.count for note in told] == ([count] if above.strip() else [])
    assert names(table(above + TABLE, above=count, header=1)) == names(read)


def test_a_title_above_two_columns_and_a_comment_above_one() -> None:
    read = table("Customer feedback 2024\ntext,label\nhello there,a\ngood bye,b\nsee you,a\n")
    assert (names(read), read.layout.above) == (["text", "label"], 1)
    read = table("# a comment\ntext\nhello there you\ngood, bye now\nsee you\n")
    assert (names(read), len(read), read.layout.above) == (["text"], 3, 1)


@pytest.mark.parametrize(
    ("content", "first"),
    [
        ("#id,text,label\n1,hello there,a\n2,good bye,b\n", "#id"),
        ("text,label,score\ngood,,\nbad thing,x,5\n", "text"),
        ("text\n# not a comment but a text\nhello, you\n", "text"),
        (",text\n0,hello there\n1,good bye\n", "column 1"),
    ],
)
def test_a_first_row_that_only_looks_like_a_title_stays(content: str, first: str) -> None:
    read = table(content)
    assert (names(read)[0], read.layout.above, len(read)) == (first, 0, 2)


def test_a_first_row_of_data_with_gaps_is_data() -> None:
    assert len(table("good,,4\nbad thing,x,5\nanother,y,6\n")) == 3


def test_what_is_told_of_the_beginning_is_taken_or_refused() -> None:
    assert names(table(TABLE, above=1)) == ["column 1", "column 2", "column 3"]
    assert names(table(TABLE, above=1, header=1)) == ["1", "hello there you", "a"]
    assert len(table(TABLE, above=2, header=0)) == 2
    for layout, match in [
        ({"above": 9}, "no row below the first 9 rows"),
        ({"header": 4}, "no rows"),
        ({"header": -1}, "can't have"),
        ({"above": 10**9}, "can't have"),
    ]:
        with pytest.raises(EmbedlabError, match=match):
            table(TABLE, **layout)


def test_every_layout_that_was_taken_gives_the_same_table_again() -> None:
    for content in (TABLE, "Report Q3\n\n" + TABLE, TABLE.replace(",", ";"), "just\na few\nlines here\n"):
        read = table(content)
        again = read_table(content.encode(), "t.csv", read.layout)
        assert (names(again), again.layout, len(again)) == (names(read), read.layout, len(read))


# --- Several rows of names -----------------------------------------------------------------------

QUALTRICS = (
    "StartDate,Q1,Q2_3\n"
    "Start Date,What did you like most?,How old are you?\n"
    '"{""ImportId"":""startDate""}","{""ImportId"":""QID1_TEXT""}","{""ImportId"":""QID2""}"\n'
    "2024-01-01 10:00:00,The food was really nice.,34\n"
    "2024-01-02 10:00:00,The music and the people.,35\n"
)


def test_three_rows_of_names() -> None:
    read = table(QUALTRICS)
    assert names(read) == ["StartDate", "What did you like most?", "How old are you?"]
    assert (len(read), read.layout.header) == (2, 3)
    assert any(says(note.sentence, 3, "“StartDate”") for note in read.notes)


def test_a_question_and_the_kind_of_its_answer() -> None:
    head = "Respondent ID,What did you like most?,How satisfied are you?\n,Open-Ended Response,Response\n"
    read = table(head + "118,The food was really nice.,Very\n119,The music and the people.,Very\n")
    assert names(read) == ["Respondent ID", "What did you like most?", "How satisfied are you?"]
    assert len(read) == 2


def test_a_question_over_its_choices() -> None:
    head = "Respondent ID,Which do you use?,,,Why?\n,Email,Phone,Post,Open-Ended Response\n"
    rows = "1,Email,,Post,it is quick\n2,Email,Phone,,I like it\n3,,Phone,,no idea\n"
    chosen = ["Which do you use? – Email", "Which do you use? – Phone", "Which do you use? – Post"]
    assert names(table(head + rows)) == ["Respondent ID", *chosen, "Why?"]


@pytest.mark.parametrize(
    ("second", "called"),
    [
        ("string,int,float", ["text", "stars", "price"]),
        ("(words),(1 to 5),(EUR)", ["text", "stars", "price"]),
        ("the words,number of,in EUR", ["text – the words", "stars – number of", "price – in EUR"]),
    ],
)
def test_types_and_units_below_the_names(second: str, called: list[str]) -> None:
    read = table(f"text,stars,price\n{second}\nhello there,1,2.5\ngood bye,2,3.5\nsee you,3,4.5\n")
    if second.startswith("("):  # a digit in it could be a value: it stays a row, and can be overruled
        assert read.layout.header == 1
        read = table(f"text,stars,price\n{second}\nhello there,1,2.5\ngood bye,2,3.5\nsee you,3,4.5\n", header=2)
        called = ["text – (words)", "stars – (1 to 5)", "price – (EUR)"]
    assert (names(read), len(read)) == (called, 3)


def test_groups_of_columns() -> None:
    read = table("Customer,,Feedback,\nid,name,words,stars\n1,Ann,hello,4\n2,Bob,good bye,5\n3,Cid,see you,5\n")
    assert names(read) == ["Customer – id", "Customer – name", "Feedback – words", "Feedback – stars"]


@pytest.mark.parametrize("row", ["n/a,unknown,2", "nothing,5,unknown", "one more,,", "hello there,1,2"])
def test_a_first_row_of_data_is_no_second_row_of_names(row: str) -> None:
    read = table(f"text,stars,price\n{row}\nhello there,1,2.5\ngood bye,2,3.5\nsee you,3,4.5\n")
    assert (read.layout.header, len(read)) == (1, 4)


def test_a_head_is_found_in_rows() -> None:
    assert find_head([["text", "n"], ["a b", "1"]]) == Head(0, 1)
    assert find_head([[], ["text", "n"], ["a b", "1"]]) == Head(1, 1)
    assert find_head([["text", "n"], ["a b", "1"]], names=0) == Head(0, 0)
    assert replace(find_head([["a"]], above=3), names=0).above == 3
