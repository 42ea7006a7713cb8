"""JSON in the shapes that people and programs save: what a row is, and which column is the text."""

from __future__ import annotations

import json

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus.layout import FileLayout
from embedlab.corpus.reading.table import read_table
from tests.sentences import says

TEXTS = [
    "The printer does not work since Monday.", "My order never arrived at home.", "Can I change my password please?",
    "The app is very slow today.", "Where is the nearest shop?", "I would like a refund now.",
]  # fmt: skip
QA = [{"id": f"q{at}", "question": text, "answers": [{"text": "yes"}, {"text": "no"}]} for at, text in enumerate(TEXTS)]
SQUAD = {"data": [{"title": "A", "paragraphs": [{"context": "All of it is told here. " * 4, "qas": QA}]}]}
PIECES = [{"text": TEXTS[0][:8]}, {"text": TEXTS[0][8:], "entity": "x"}]
COQA = {
    "story": "There was a cat that lived in a barn. " * 3,
    "questions": [{"input_text": text} for text in TEXTS[:2]],
    "answers": [{"input_text": "white"}, {"input_text": "in a barn"}],
}


def corpus_of(value: object, name: str = "a.json"):
    content = value if isinstance(value, str) else json.dumps(value)
    return read_table(content.encode(), name).corpus()


SHAPES = {
    "id to text": {str(at): text for at, text in enumerate(TEXTS)},
    "id to object": {f"a{at}": {"text": text} for at, text in enumerate(TEXTS)},
    "id to texts": {"101": TEXTS[:2], "102": TEXTS[2:4], "103": TEXTS[4:]},
    "label to texts": {"billing": TEXTS[:2], "login": TEXTS[2:]},
    "text to label": {text: "ab"[at % 2] for at, text in enumerate(TEXTS)},
    "parts of columns": {
        "train": {"text": TEXTS[:4], "label": [0, 1, 0, 1]}, "test": {"text": TEXTS[4:], "label": [0, 1]},
    },
    "intents": {"intents": [{"tag": "a", "patterns": TEXTS[:2], "responses": ["Hello."]},
                            {"tag": "b", "patterns": TEXTS[2:], "responses": ["Bye."]}]},
    "utterances": [{"intent": "a", "utterances": TEXTS[:5]}, {"intent": "b", "utterances": TEXTS[5:]}],
    "phrases in parts": [{"name": "a", "trainingPhrases": [{"type": "EXAMPLE", "parts": [{"text": text[:9]},
                         {"text": text[9:], "entityType": "@x"}]} for text in TEXTS]}],
    "groups": [{"user": "u", "posts": [{"id": at, "body": text} for at, text in enumerate(TEXTS)]}],
    "SQuAD": SQUAD,
    "edges": {"data": {"r": {"issues": {"edges": [{"cursor": "x", "node": {"body": text}} for text in TEXTS]}}}},
    "hits": {"_shards": {"total": 1},
             "hits": {"total": {"value": 6}, "hits": [{"_source": {"text": t}} for t in TEXTS]}},
    "in a script": "window.YTD.tweets.part0 = [ " + ",".join(json.dumps({"tweet": {"text": t}}) for t in TEXTS) + " ];",
    "a variable": "// mine\nvar data = [\n" + "".join(json.dumps({"t": text}) + ",\n" for text in TEXTS) + "];\n",
    "a call": f"callback({json.dumps(TEXTS)});",
    "pretty": "\n".join(json.dumps({"text": text}, indent=2) for text in TEXTS),
    "without line ends": "".join(json.dumps({"text": text}) for text in TEXTS),
    "commas between": ",\n".join(json.dumps({"text": text}) for text in TEXTS),
    "records of RFC 7464": "".join("\x1e" + json.dumps({"text": text}) + "\n" for text in TEXTS),
    "a comma too many": "[" + "".join(json.dumps({"text": text}) + "," for text in TEXTS) + "]",
    "a mark": "\ufeff" + json.dumps(TEXTS),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["a.json", "a.txt"])
def test_each_text_is_a_row(shape: str, name: str) -> None:
    assert list(corpus_of(SHAPES[shape], name).texts) == TEXTS


def test_what_stands_beside_the_texts_comes_along() -> None:
    intents = corpus_of(SHAPES["intents"])
    assert (intents.label, intents.column("tag").values.tolist()) == ("tag", ["a", "a", "b", "b", "b", "b"])
    assert says(intents.notes[0].sentence, "“patterns”", 2, 6)
    assert corpus_of(SHAPES["id to text"]).column("key").shown(5) == "5"
    assert corpus_of(SHAPES["label to texts"]).label == "label"
    assert corpus_of(SHAPES["parts of columns"]).column("part").values.tolist() == ["train"] * 4 + ["test"] * 2
    squad = corpus_of(SHAPES["SQuAD"])
    assert squad.column("answer").values.tolist() == ["yes"] * 6
    assert squad.column("context").values[5].startswith("All of it")
    assert any(says(note.sentence, 6) and "more than one answer" in note.sentence for note in squad.notes)


def test_questions_lie_beside_their_answers() -> None:
    found = corpus_of([COQA] * 2)
    assert found.texts == (*TEXTS[:2], *TEXTS[:2])
    assert found.column("answers.input_text").values.tolist() == ["white", "in a barn"] * 2
    asked = corpus_of([{"article": "A long story of it. " * 5, "questions": TEXTS[:2], "answers": ["A", "B"]}] * 3)
    assert set(asked.texts) == set(TEXTS[:2])
    assert asked.column("answers").values.tolist() == ["A", "B"] * 3


def test_one_record_stays_one_row() -> None:
    assert corpus_of({"title": "A title", "text": "Some text of it.", "author": "Ann"}).texts == ("Some text of it.",)


@pytest.mark.parametrize("inner", [[{"input": "x", "output": "An answer that is longer than the text." * 2}],
                                   {"a": "A note that is much longer than the text is, and goes on." * 3}])  # fmt: skip
def test_json_inside_a_cell_is_not_the_text(inner: object) -> None:
    rows = [{"id": f"t{at}", "instruction": text, "instances": inner} for at, text in enumerate(TEXTS)]
    if isinstance(inner, list):
        assert corpus_of("\n".join(map(json.dumps, rows)), "a.jsonl").texts == tuple(TEXTS)
    told = "".join(
        f'{text},"{json.dumps(inner)}"\n'.replace('"', '""').replace(',""', ',"').replace('""\n', '"\n')
        for text in TEXTS
    )
    assert corpus_of(f"said,inner\n{told}", "a.csv").texts == tuple(TEXTS)


def test_a_broken_object_among_others_is_dropped_and_counted() -> None:
    whole = [json.dumps({"text": text}, indent=1) for text in TEXTS]
    corpus = corpus_of("\n".join([*whole[:2], '{\n "text": oops\n}', *whole[2:]]), "a.jsonl")
    assert corpus.texts == tuple(TEXTS)
    assert [(note.kind, note.count, note.rows) for note in corpus.notes] == [("dropped", 1, (3,))]
    assert corpus.rows_read == 7


def test_wrappers_of_extended_json_are_taken_off() -> None:
    row = {
        "_id": {"$oid": "ab"},
        "n": {"$numberInt": "3"},
        "at": {"$date": {"$numberLong": "1700000000000"}},
        "t": TEXTS[0],
    }
    corpus = corpus_of([row, {**row, "at": {"$date": 10**18}}])
    assert corpus.column("n").shown(0) == "3"
    assert (corpus.column("at").shown(0), corpus.column("at").shown(1)) == ("2023-11-14 22:13:20", "")


def test_labels_of_a_data_sets_server_have_their_names() -> None:
    features = [{"name": "label", "type": {"names": ["neg", "pos"], "_type": "ClassLabel"}}]
    rows = [{"row_idx": at, "row": {"text": text, "label": at % 2}} for at, text in enumerate(TEXTS)]
    assert corpus_of({"features": features, "rows": rows}).column("label").values.tolist() == ["neg", "pos"] * 3


def test_of_lists_of_objects_the_names_are_shown_and_that_is_said() -> None:
    corpus = corpus_of(
        [{"body": text, "labels": [{"id": 1, "name": "bug"}, {"id": 2, "name": "ui"}]} for text in TEXTS]
    )
    assert corpus.column("labels").values[0] == "bug, ui"
    assert says(corpus.notes[0].sentence, "“labels”", 6)


def test_not_a_number_is_missing() -> None:
    corpus = corpus_of('[{"t": "a b c", "n": NaN}, {"t": "d e f", "n": Infinity}, {"t": "g h i", "n": 1}]')
    assert [corpus.column("n").shown(row) for row in range(3)] == ["", "", "1"]


def test_a_unit_that_does_not_apply_is_refused() -> None:
    with pytest.raises(EmbedlabError, match="unit “message”: leave the unit out"):
        read_table(json.dumps(TEXTS).encode(), "a.json", FileLayout(unit="message"))


# --- What Python prints ---------------------------------------------------------------------------

PRINTED = [{"text": "it's late", "seen": True, "n": None}, {"text": 'she said "no"', "seen": False, "n": 2}]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.txt"])
@pytest.mark.parametrize("whole", [True, False])
def test_what_python_prints_is_read_and_said(name: str, whole: bool) -> None:
    text = repr(PRINTED) if whole else "\n".join(map(repr, PRINTED))
    read = read_table(text.encode(), name)
    assert [read.column("text").values[row] for row in (0, 1)] == ["it's late", 'she said "no"']
    assert read.column("seen").values.tolist() == ["true", "false"]
    assert any("written as Python prints values" in note.sentence for note in read.notes)


def test_lines_of_both_kinds_and_broken_ones_are_counted() -> None:
    lines = ['{"text": "one thing"}', "{'text': ('another', 'thing')}", "{'text': open('x')}", '{"text": "a third"}']
    read = read_table("\n".join(lines).encode(), "a.jsonl")
    assert read.lost == (2,)
    assert any(note.sentence.startswith("1 line is written as Python") for note in read.notes)
    assert any(says(note.sentence, 1, 3) for note in read.notes if note.kind == "dropped")


@pytest.mark.parametrize(
    "text", ["[" * 5000 + "'a'" + "]" * 5000, "{'a': " + "-" * 100_000 + "1}", "{'a': 9" + "9" * 5000 + "}"]
)
def test_python_that_goes_too_deep_is_one_sentence(text: str) -> None:
    with pytest.raises(EmbedlabError):
        read_table(text.encode(), "a.json")
