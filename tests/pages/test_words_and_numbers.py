"""What pages call things: one name for each page, plurals, figures with separators, no question to other texts."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from embedlab.corpus import Column, Corpus
from pages.app import session
from tests.pages.driving import MAIN, run, said, settled, tickets

pytestmark = pytest.mark.usefixtures("fresh")

NOUNS = (
    "texts rows clusters columns queries words pairs classes dimensions tokens models regions values periods numbers "
    "copies neighbours steps labels sentences layers findings times characters"
)
ONE_OF_MANY = re.compile(rf"(?<![\d.,/])\*{{0,2}}1\*{{0,2}} (?:\w+ )?(?:{'|'.join(NOUNS.split())})\b")


def _calls(script: Path, name: str) -> list[ast.Call]:
    tree = ast.parse(script.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == name]


def test_a_page_has_one_name_in_the_menu_and_above() -> None:
    """Each script's heading is the title that the navigation has for it."""
    pages = [[ast.literal_eval(one) for one in call.args] for call in _calls(MAIN, "_page")]
    assert len(pages) == 12
    for place, title, *_ in pages:
        script = MAIN.parent / (f"{place}.py" if "/" in place else f"{place}/page.py")
        [heading] = _calls(script, "heading")
        assert ast.literal_eval(heading.args[0]) == title, script


@pytest.mark.parametrize("texts", [["alone"], ["one", "two"], ["one", "two", "three"]], ids=len)
@pytest.mark.parametrize("page", [None, "similarity/page.py", "search/page.py", "check/page.py", "library/texts.py"])
def test_one_thing_is_no_plural(texts: list[str], page: str | None) -> None:
    values = np.array(["a"] * len(texts), dtype=object)
    corpus = Corpus("few", tuple(texts), (Column("kind", "category", values),))
    shown = said(run(corpus, page))
    assert not ONE_OF_MANY.search(shown), ONE_OF_MANY.search(shown)


def test_one_row_read_and_one_text_kept() -> None:
    at = run(page="library/texts.py")
    at.text_area(key="pasted").set_value("just one").run()
    assert "**1** row read, **1** text kept, **0** dropped." in said(at)
    at.text_area(key="pasted").set_value("one\n\nthree").run()
    assert "**3** rows read, **2** texts kept, **1** dropped." in said(at)
    assert not at.exception


def test_one_text_in_the_sidebar_with_one_more_column() -> None:
    values = np.array(["a"], dtype=object)
    assert "1 text, 1 more column" in said(run(Corpus("few", ("alone",), (Column("kind", "category", values),))))


def test_whole_numbers_in_a_table_are_grouped_as_elsewhere() -> None:
    def script() -> None:
        import numpy as np
        import streamlit as st

        from pages.app.widgets import frame

        counts = np.array([55_008, 18_808])
        table = {"Texts": counts, "Share": [0.5, 0.25], "Name": ["a", "b"], "Yes": [True, False], "Part": [1, 2]}
        frame(table, column_config={"Part": st.column_config.ProgressColumn()})

    [table] = AppTest.from_function(script).run().dataframe
    looks = table.proto.columns
    assert '"format": "localized"' in looks or '"format":"localized"' in looks
    assert looks.count("localized") == 1
    assert "progress" in looks


def test_what_was_asked_of_other_texts_is_not_asked_of_these() -> None:
    at = run()
    at.text_input(key=session.FIND).set_value("aaab").run()
    at.switch_page("search/page.py").run()
    settled(at).text_input(key=session.QUERY).set_value("ccdd").run()
    at.switch_page("similarity/page.py").run()
    at.segmented_control(key="similarity-view").set_value(session.TWO_TEXTS).run()
    settled(at).text_input(key=session.PAIR_FIRST).set_value("eeef").run()
    at.switch_page("library/texts.py").run()
    at.text_area(key="pasted").set_value("zzz one\nyyy two\nxxx three\nwww four").run()
    next(one for one in at.button if one.label == "Map 4 texts").click().run()
    assert settled(at).text_input(key=session.FIND).value == ""
    at.switch_page("search/page.py").run()
    assert settled(at).text_input(key=session.QUERY).value == ""
    at.switch_page("similarity/page.py").run()
    assert settled(at).text_input(key=session.PAIR_FIRST).value in ("zzz one", "yyy two", "xxx three", "www four")
    assert "eeef" not in said(at)


def test_the_same_texts_opened_again_keep_what_was_asked() -> None:
    def script() -> None:
        from pages.app import session
        from tests.pages.driving import tickets

        session.open_corpus(tickets())

    at = AppTest.from_function(script)
    at.session_state["corpus"] = tickets()
    at.session_state[session.QUERY] = "kept"
    assert at.run().session_state[session.QUERY] == "kept"


def test_a_sample_of_clusters_is_shown_by_cluster() -> None:
    at = run(page="similarity/page.py")
    assert at.selectbox(key="similarity-order-A sample of each cluster").value == session.CLUSTER
    at.segmented_control(key="similarity-texts").set_value("Pasted texts").run()
    assert settled(at).selectbox(key="similarity-order-Pasted texts").value == "How alike they are"
