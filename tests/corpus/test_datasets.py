"""The built-in data sets: what they promise, and that reading the standard library runs nothing of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.datasets import DATA_SETS, DataSet, builtin, builtin_names, describe
from embedlab.corpus.datasets.docstrings import AREAS, COMPILED, docstrings, first_paragraph

FEWEST = {"support": 640, "senses": 350, "docstrings": 2000, "nouns": 400, "sayings": 240, "contrasts": 180}
COLUMNS = {
    "support": {
        "intent": "category", "area": "category", "channel": "category", "date": "date", "satisfaction": "number",
    },
    "senses": {"word": "category", "sense": "category"},
    "docstrings": {"area": "category", "module": "category", "kind": "category", "name": "text"},
    "nouns": {"category": "category", "broader": "category"},
    "sayings": {"saying": "category", "language": "category", "script": "category", "kind": "category"},
    "contrasts": {"change": "category", "family": "category"},
}  # fmt: skip
REPEATED = {
    "support": {
        "Thanks!", "refund?", "Where is my box?", "app not working", "cancel my subscription please",
        "you charged me twice",
    },
    "nouns": {
        "bank", "cloud", "cricket", "file", "glass", "kiwi", "lime", "mouse", "olive", "orange", "plane", "violet",
    },
}  # fmt: skip


def sizes(name: str, column: str) -> Counter[str]:
    return Counter(builtin(name).column(column).values.tolist())


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def test_the_first_screen_is_the_support_messages() -> None:
    assert builtin_names()[0] == "support"
    assert set(builtin_names()) == set(FEWEST)
    assert all(isinstance(data_set, DataSet) for data_set in DATA_SETS)


def test_an_unknown_name_is_answered_with_the_names() -> None:
    with pytest.raises(EmbedlabError, match=r"“suport”.*support, senses"):
        builtin("suport")


@pytest.mark.parametrize("name", builtin_names())
def test_every_data_set_keeps_its_promises(name: str) -> None:
    corpus, data_set = builtin(name), describe(name)
    assert len(corpus) >= FEWEST[name]
    assert corpus.name == data_set.title
    assert corpus.label == data_set.label
    assert [(column.name, column.kind) for column in corpus.columns] == list(COLUMNS[name].items())
    assert corpus.rows.tolist() == list(range(len(corpus)))
    assert corpus.rows_read == len(corpus)
    for text in corpus.texts:
        assert text == " ".join(text.split())
        assert text
    for column in corpus.columns:
        assert len(column.values) == len(corpus)
        assert not column.values.flags.writeable
        if column.kind in ("category", "text"):
            assert not column.missing.any()
    for sentence in (data_set.sentence, data_set.look_for):
        assert sentence.endswith(".")
        assert "." not in sentence[:-1]


@pytest.mark.parametrize("name", builtin_names())
def test_exact_repetitions_are_the_stated_ones(name: str) -> None:
    corpus = builtin(name)
    repeated = {text for text, count in Counter(corpus.texts).items() if count > 1}
    assert repeated == REPEATED.get(name, set())
    if repeated:
        (note,) = corpus.notes
        assert note.count == len(corpus) - len(set(corpus.texts))
        assert all(corpus.texts[row - 1] in corpus.texts[: row - 1] for row in note.rows)


def test_support_has_intents_of_uneven_size_in_several_areas() -> None:
    intents = sizes("support", "intent")
    assert 20 <= len(intents) <= 24
    assert min(intents.values()) >= 12
    assert max(intents.values()) >= 3 * min(intents.values())
    assert len(sizes("support", "area")) >= 5
    assert set(sizes("support", "channel")) == {"email", "chat", "app review", "phone note"}


def test_support_messages_are_not_made_from_a_template() -> None:
    texts = sorted({text for text in builtin("support").texts if len(words(text)) >= 6})
    bags = [words(text) for text in texts]
    alike = [
        (texts[i], texts[j])
        for i in range(len(bags))
        for j in range(i)
        if len(bags[i] & bags[j]) > 0.7 * len(bags[i] | bags[j])
    ]
    assert alike == []


def test_support_dates_lie_in_2025_and_show_the_outage() -> None:
    dates = builtin("support").column("date").values.astype("datetime64[D]")
    assert dates.min() >= np.datetime64("2025-01-01")
    assert dates.max() <= np.datetime64("2025-12-31")
    busiest = Counter(dates.tolist()).most_common(3)
    assert {f"{day}" for day, _ in busiest} == {"2025-09-16", "2025-09-17", "2025-09-18"}


def test_support_satisfaction_is_one_to_five_or_missing() -> None:
    column = builtin("support").column("satisfaction")
    assert set(column.values[~column.missing]) == {1.0, 2.0, 3.0, 4.0, 5.0}
    assert 0.1 < column.missing.mean() < 0.6
    reviews = builtin("support").column("channel").values == "app review"
    assert not column.missing[reviews].any()


def test_senses_are_sentences_with_the_word_in_them() -> None:
    corpus = builtin("senses")
    rows = zip(corpus.texts, corpus.column("word").values, corpus.column("sense").values, strict=True)
    for text, word, sense in rows:
        assert re.search(rf"\b{word}(s|es)?\b", text, re.IGNORECASE), text
        assert sense.startswith(f"{word}: ")
    assert len(sizes("senses", "word")) >= 8
    assert min(sizes("senses", "sense").values()) >= 10
    assert min(Counter(sense.split(":")[0] for sense in sizes("senses", "sense")).values()) >= 2


def test_nouns_have_twenty_or_more_in_each_category() -> None:
    assert len(sizes("nouns", "category")) >= 20
    assert min(sizes("nouns", "category").values()) >= 20
    assert max(len(text.split()) for text in builtin("nouns").texts) <= 4
    corpus = builtin("nouns")
    pairs = list(zip(corpus.texts, corpus.column("category").values, strict=True))
    assert len(set(pairs)) == len(pairs)


SCRIPT_LETTERS = {
    "Latin": r"[^\W\d_]",
    "Cyrillic": r"[\u0400-\u04ff]",
    "Arabic": r"[\u0600-\u06ff]",
    "Han": r"[\u4e00-\u9fff]",
    "kanji and kana": r"[\u3040-\u30ff]",
}


def test_every_saying_is_there_in_every_language_and_its_script() -> None:
    corpus = builtin("sayings")
    saying, language, script = (corpus.column(name).values for name in ("saying", "language", "script"))
    assert len(set(language)) >= 8
    assert len(set(saying)) >= 30
    assert set(Counter(zip(saying, language, strict=True)).values()) == {1}
    assert len(corpus) == len(set(saying)) * len(set(language))
    for text, name in zip(corpus.texts, script, strict=True):
        assert re.search(SCRIPT_LETTERS[name], text), text
        assert name != "Latin" or not re.search(r"[\u0370-\uffff]", text.replace("—", "").replace("’", "")), text


def test_every_contrast_family_has_every_change() -> None:
    corpus = builtin("contrasts")
    pairs = Counter(zip(corpus.column("family").values, corpus.column("change").values, strict=True))
    assert set(pairs.values()) == {1}
    assert len(pairs) == len(sizes("contrasts", "family")) * len(sizes("contrasts", "change"))


def test_docstrings_are_sentences_from_many_modules() -> None:
    corpus = builtin("docstrings")
    modules = sizes("docstrings", "module")
    assert len(modules) >= 40
    assert set(modules) <= {module for area in AREAS.values() for module in area}
    assert set(sizes("docstrings", "kind")) == {"module", "class", "function", "method"}
    assert all(len(text.split()) >= 4 for text in corpus.texts)
    of_name = dict(zip(corpus.column("name").values, corpus.texts, strict=True))
    assert of_name["statistics.mean"] == "Return the sample arithmetic mean of data."
    assert of_name["math.sqrt"] == "Return the square root of x."
    assert f"{len(corpus):,} docstrings" in corpus.notes[0].sentence


@pytest.mark.parametrize(
    ("doc", "text"),
    [
        ("Return the mean.", ""),
        ("Return the sample\n    arithmetic mean.\n\n    More.", "Return the sample arithmetic mean."),
        ("max(a, b=f(1)) -> value\n\nReturn the largest of all.", "Return the largest of all."),
        ("max(a) -> value\nReturn the largest of all.", "Return the largest of all."),
        ("max(a) -- return the largest one", "return the largest one"),
        ("Like :meth:`~Queue.get` but ``never`` waits.", "Like Queue.get but never waits."),
        (">>> largest of all things\n\nReturn the largest of all.", "Return the largest of all."),
        ("+ Folding is controlled here.", "Folding is controlled here."),
    ],
)
def test_a_docstring_is_reduced_to_its_first_real_paragraph(doc: str, text: str) -> None:
    assert first_paragraph(doc) == text


def test_a_library_in_pieces_gives_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json" / "tests").mkdir(parents=True)
    (tmp_path / "json" / "__init__.py").write_text(
        '"""Reads and writes JSON documents."""\n'
        "raise SystemExit('nobody may run this')\n"
        "class Reader:\n"
        '    "Reads what was once written."\n'
        "    async def read(self):\n"
        '        "Return the next value read."\n'
        "    def _hidden(self):\n"
        '        "Nobody should ever see this."\n'
        "class Other(Reader):\n"
        "    def read(self):\n"
        '        "Return the next value read."\n'
        'def dump():\n    "Write."\n'
    )
    (tmp_path / "json" / "tool.py").write_text('def main():\n    "Print it in good order."\n')
    (tmp_path / "json" / "tests" / "a.py").write_text('"""A test that nobody wants."""')
    (tmp_path / "json" / "_inner.py").write_text('"""The inner part that nobody sees."""')
    (tmp_path / "csv.py").write_text("def broken(:\n")
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    found, left_out = docstrings()
    of_json = [(one.kind, one.name, one.text) for one in found if one.module == "json"]
    assert of_json == [
        ("module", "json", "Reads and writes JSON documents."),
        ("class", "json.Reader", "Reads what was once written."),
        ("method", "json.Reader.read", "Return the next value read."),
        ("function", "json.tool.main", "Print it in good order."),
    ]
    assert {one.module for one in found} - {"json"} <= set(COMPILED)
    assert left_out >= 2


CHILD = """
import sys
from embedlab.corpus.datasets import builtin
before = set(sys.modules)
fingerprint = builtin("docstrings").fingerprint
print(fingerprint, *sorted(set(sys.modules) - before))
"""


def test_reading_the_library_runs_none_of_it_and_gives_the_same_in_every_process() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    run = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True, env=environment)
    fingerprint, *gained = run.stdout.split()
    assert fingerprint == builtin("docstrings").fingerprint
    assert {name for name in gained if not name.startswith("_sysconfigdata")} <= set(COMPILED)
