"""How a file was read stands beside it, and each guess can be overruled there."""

from __future__ import annotations

import io

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from embedlab.corpus.layout import FileLayout
from pages.app.reading import spoken
from tests.pages.driving import WORDS, button, run, said

pytestmark = pytest.mark.usefixtures("fresh")

FORM = "When,What did you like?,What should we change?\n" + "".join(
    f"2024-01-{at:02},I liked the talks and the people,More breaks between them all please\n" for at in range(1, 9)
)


def opened(name: str, content: bytes) -> AppTest:
    return upload(run(page="library/texts.py"), name, content)


def upload(at: AppTest, name: str, content: bytes) -> AppTest:
    at.file_uploader(key="file").set_value((name, content, "application/octet-stream")).run()
    assert not at.exception, at.exception
    return at


def choose(at: AppTest, label: str) -> Selectbox:
    return next(one for one in at.selectbox if one.label == label)


def how(at: AppTest) -> str:
    return next(one.label for one in at.expander if "read" in one.label.lower()).replace("\\", "")


def counts(at: AppTest) -> str:
    return next((line for line in said(at).split("\n") if "rows read" in line), "")


def workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in [["Report"], [], ["text", "team"], ["one thing", "a"], ["another thing", "b"], ["a third thing", "b"]]:
        book.active.append(row)
    book.active.row_dimensions[6].hidden = True
    second = book.create_sheet("Answers")
    for row in [["answer"], ["it is good"], ["it is bad"]]:
        second.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_what_was_taken_is_said_and_a_header_can_be_taken_back() -> None:
    at = opened("form.csv", FORM.encode())
    assert how(at) == "Read as CSV · UTF-8 · commas · 1 row of column names"
    assert "**8** rows read" in counts(at)
    choose(at, "Rows of column names").set_value(0).run()
    assert how(at).endswith("no column names")
    assert "**9** rows read" in counts(at)
    choose(at, "Rows of column names").set_value(1).run()
    assert "**8** rows read" in counts(at)


def test_another_delimiter_and_rows_above() -> None:
    at = opened("t.csv", b"text;more,label\none thing;two,a\nother things;three,b\n")
    choose(at, "Cells are separated by").set_value(";").run()
    assert "semicolons" in how(at)
    choose(at, "Cells are separated by").set_value("Another sign…").run()
    next(one for one in at.text_input if one.label == "Sign").set_value("thing").run()
    assert "“thing”" in how(at)
    choose(at, "Cells are separated by").set_value("").run()
    assert "one column" in how(at)
    next(one for one in at.number_input if one.label == "Rows above them").set_value(1).run()
    assert "1 row above" in how(at)


def test_a_wrong_wish_gets_one_sentence_and_the_controls_stay() -> None:
    at = opened("t.csv", b"text,label\none thing,a\nother things,b\n")
    next(one for one in at.number_input if one.label == "Rows above them").set_value(50).run()
    assert len(at.error) == 1
    assert choose(at, "Encoding").value == "utf-8"
    next(one for one in at.number_input if one.label == "Rows above them").set_value(0).run()
    assert not at.error
    assert "**2** rows read" in counts(at)


def test_a_choice_is_kept_for_this_file_only() -> None:
    at = opened("form.csv", FORM.encode())
    choose(at, "Rows of column names").set_value(0).run()
    upload(at, "other.csv", b"text,label\none thing,a\nother things,b\n")
    assert how(at).endswith("1 row of column names")
    upload(at, "form.csv", FORM.encode())
    assert how(at).endswith("no column names")


def test_sheets_hidden_rows_and_where_a_table_begins() -> None:
    at = opened("b.xlsx", workbook())
    assert how(at) == "Read as XLSX · sheet “Sheet” · 2 rows above · 1 row of column names · what is hidden is read"
    next(one for one in at.checkbox if one.label == "Read hidden rows and columns").set_value(False).run()
    assert "**2** rows read" in counts(at)
    choose(at, "Sheet").set_value("Answers").run()
    assert how(at) == "Read as XLSX · sheet “Answers” · 1 row of column names"
    assert not at.checkbox
    button(at, "Map 2 texts").click().run()
    assert at.session_state["corpus"].texts == ("it is good", "it is bad")


def test_only_what_applies_is_offered() -> None:
    at = opened("t.json", b'[{"text": "one thing"}, {"text": "another"}]')
    assert [one.label for one in at.selectbox] == ["Encoding"]
    assert how(at) == "Read as JSON · UTF-8"


def test_texts_of_several_columns_in_the_order_chosen_and_of_none() -> None:
    at = opened("t.csv", b"first,second,n\none thing,and more,1\nanother thing,and less,2\n")
    texts = next(one for one in at.multiselect if one.label == "Text column")
    texts.set_value(["second", "first"]).run()
    button(at, "Map 2 texts").click().run()
    assert at.session_state["corpus"].texts[0] == "and more one thing"
    at.switch_page("library/texts.py").run()
    upload(at, "t.csv", b"first,second,n\none thing,and more,1\nanother thing,and less,2\n")
    next(one for one in at.multiselect if one.label == "Text column").set_value([]).run()
    assert [str(one.value).replace("\\", "") for one in at.error] == [
        "No column of texts is chosen: choose one, or several that belong together."
    ]


def test_the_other_file_of_a_drift_can_be_overruled_too() -> None:
    at = run(page="drift/page.py")
    at.segmented_control(key="drift-what-True").set_value("These and other texts").run()
    content = "".join(f"{word} {word[::-1]}\n" for word in WORDS * 3).encode()
    at.file_uploader(key="drift-file").set_value(("b.csv", content, "text/csv")).run()
    assert how(at).startswith("Read as one column · UTF-8")
    choose(at, "Rows of column names").set_value(0).run()
    assert how(at).endswith("no column names")
    assert "36 texts read" in said(at)


def test_how_a_layout_is_spoken() -> None:
    assert spoken("a.txt", FileLayout(encoding="cp1252", delimiter="", header=0, unit="paragraph")) == (
        "Read as lines · Windows-1252 (Western European) · no column names · a paragraph a text"
    )
    assert spoken("a.txt.gz", FileLayout(encoding="utf-8", delimiter="\t", header=2)) == (
        "Read as TSV · UTF-8 · tabs · 2 rows of column names"
    )
