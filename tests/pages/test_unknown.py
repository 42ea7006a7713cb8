"""What a model doesn't know of the texts is said once on each page where a score of theirs stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from embedlab import pipeline
from embedlab.encoders.capabilities import Pieces
from tests.conftest import LetterEncoder
from tests.pages.driving import run, said, settled

pytestmark = pytest.mark.usefixtures("fresh")


class Foreigner(LetterEncoder):
    """Counts letters, and has learned nothing of any word."""

    def read_pieces(self, texts: Sequence[str]) -> Iterator[Pieces]:
        for text in texts:
            words = tuple(text.split())
            spans = np.array([(0, len(text))] * len(words), dtype=np.intp).reshape(-1, 2)
            yield Pieces(words, spans, np.zeros(len(words), dtype=bool))


@pytest.mark.parametrize("page", ["map/page.py", "check/page.py", "drift/page.py", "similarity/page.py"])
def test_it_is_said_once(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): Foreigner())
    at = run(None, page)
    assert said(at).count("unknown to letters") == 1


def test_in_a_search_it_is_said_of_the_query_where_it_is_as_foreign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "load", lambda name, exact=False, texts=(): Foreigner())
    at = run(None, "search/page.py")
    at.text_input(key="search-query").set_value("tac").run()
    told = said(settled(at)) + "".join(str(one.value) for one in at.warning)
    assert "unknown to letters" in told or "knows no word of this query" in told
    assert told.count("unknown to letters") <= 1
