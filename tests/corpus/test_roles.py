"""Judgements and pairs whose columns nobody named: known by what they hold, said where it is uncertain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from embedlab.base.errors import EmbedlabError
from embedlab.corpus import Corpus
from embedlab.corpus.judgements import Judgements, judgements_in, likely_ids, read_beir
from embedlab.corpus.pairs import Pairs, pairs_of
from embedlab.corpus.reading.table import Table, read, read_table
from tests.sentences import say

THINGS = ("invoice", "parcel", "login", "router", "courier", "app", "refund", "key", "desk", "lamp", "door", "car")
DOCUMENTS = [{"_id": str(at), "text": f"The {thing} is broken."} for at, thing in enumerate(THINGS)]
QUERIES = [{"_id": f"q{at}", "text": f"my {thing}"} for at, thing in enumerate(THINGS[:8])]
RIGHT = [[at] for at in range(8)]


def rows(*cells: str, mark: str = "\t", head: str = "") -> str:
    """Return a line for each query; {q} is its id, {d} that of its document, {n} its number from 1, {half} 0 or 1."""
    lines = [
        mark.join(cell.format(q=f"q{at}", d=at, n=at + 1, half=at % 2, rank=at % 4 + 1, query=f"my {THINGS[at]} broke")
                  for cell in cells)
        for at in range(8)
    ]  # fmt: skip
    return "\n".join([*filter(None, [head]), *lines]) + "\n"


LAYOUTS = {
    "TREC with tabs": rows("{q}", "0", "{d}", "1"),
    "TREC with spaces": rows("{q}", "Q0", "{d}", "1", mark=" "),
    "TREC with a header": rows("{q}", "0", "{d}", "1", head="topic\titer\tdocno\trating"),
    "BEIR without a header": rows("{q}", "{d}", "1"),
    "ids the other way round": rows("{d}", "{q}", "1"),
    "header the other way round": rows("1", "{d}", "{q}", head="score\tcorpus-id\tquery-id"),
    "score first": rows("1", "{q}", "{d}"),
    "commas": rows("{q}", "{d}", "1", mark=","),
    "other names": rows("{q}", "{d}", "2", head="topic_number\tpassage\trelevance_grade"),
}


def folder(path: Path, qrels: str) -> Path:
    (path / "qrels").mkdir()
    (path / "qrels" / "test.tsv").write_text(qrels, encoding="utf-8")
    for name, items in (("corpus.jsonl", DOCUMENTS), ("queries.jsonl", QUERIES)):
        (path / name).write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
    return path


def corpus() -> Corpus:
    return read("\n".join(map(json.dumps, DOCUMENTS)).encode(), "text", name="texts.jsonl")


def table(content: str, name: str = "qrels.tsv") -> Table:
    return read_table(content.encode(), name)


def queries() -> Table:
    return table("\n".join(map(json.dumps, QUERIES)), "queries.jsonl")


def found(judged: Judgements) -> list[list[int]]:
    return [at.tolist() for at in judged.rows]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_judgements_of_any_layout_in_a_folder(tmp_path: Path, layout: str) -> None:
    _, judged = read_beir(folder(tmp_path, LAYOUTS[layout]))
    assert found(judged) == RIGHT
    assert judged.queries == tuple(one["text"] for one in QUERIES)
    assert judged.notes == ()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_beside_texts_that_are_open(layout: str) -> None:
    tables = [table(LAYOUTS[layout], "q.csv" if layout == "commas" else "q.txt" if "spaces" in layout else "q.tsv")]
    tables.append(queries())
    assert likely_ids(tables, corpus()) == "_id"
    assert found(judgements_in(tables, corpus(), "_id")) == RIGHT
    assert found(judgements_in(tables[::-1], corpus(), "_id")) == RIGHT


@pytest.mark.parametrize("head", ["", "what\twhich"])
def test_queries_that_are_written_out_need_no_names(head: str) -> None:
    judged = judgements_in([table(rows("{query}", "{d}", head=head))], corpus(), "_id")
    assert found(judged) == RIGHT
    assert judged.queries[0] == "my invoice broke"


def test_ids_that_are_all_unknown_are_named_on_both_sides(tmp_path: Path) -> None:
    with pytest.raises(EmbedlabError, match=r"“D0”.*ids such as “0”, “1”") as said:
        judgements_in([table(rows("{query}", "D{d}", head="query\tid"))], corpus(), "_id")
    assert str(said.value).count("\n") == 0
    with pytest.raises(EmbedlabError, match=r"“Q.*“q0”"):
        read_beir(folder(tmp_path, rows("Q{n}", "{d}", "1", head="query-id\tcorpus-id\tscore")))
    with pytest.raises(EmbedlabError, match=r"“zq0”.*“q0”"):
        judgements_in([table(rows("z{q}", "{d}", "1", head="query-id\tcorpus-id\tscore")), queries()], corpus(), "_id")
    with pytest.raises(EmbedlabError, match=r"“q0”.*“D0”|“D0”.*“q0”"):
        judgements_in([table(rows("{q}", "D{d}", "1")), queries()], corpus(), "_id")


def test_which_score_is_taken_is_said_with_both_counts_and_can_be_overruled(tmp_path: Path) -> None:
    content = rows("{q}", "{d}", "{rank}", "{half}", head="query-id\tcorpus-id\tscore\trelevance")
    judged = judgements_in([table(content), queries()], corpus(), "_id")
    assert len(judged) == 4, "the flag of 0 and 1, not the rank"
    assert say([judged.notes[0].sentence], ("“relevance”", 8, "“score”", 8))
    other = judgements_in([table(content), queries()], corpus(), "_id", ("query-id", "corpus-id", "score"))
    assert len(other) == 8
    with pytest.raises(EmbedlabError, match="no column named “x”"):
        judgements_in([table(content), queries()], corpus(), "_id", ("query-id", "x"))
    with pytest.raises(EmbedlabError, match="two or three columns"):
        judgements_in([table(content), queries()], corpus(), "_id", ("query-id",))


# --- Pairs -----------------------------------------------------------------------------------------

FIRST = [f"The {thing} does not work since {at} days." for at, thing in enumerate(THINGS)]
SECOND = [f"Since yesterday my {thing} has a problem." for thing in THINGS]
SCORES = [round(4.8 - 0.37 * at, 2) for at in range(12)]


def pairs(*cells: str, mark: str = "\t", head: str = "", words: tuple[str, ...] = ("0",)) -> Pairs:
    lines = [
        mark.join(
            cell.format(a=FIRST[at], b=SECOND[at], s=SCORES[at], n=at, w=words[at % len(words)]) for cell in cells
        )
        for at in range(12)
    ]
    name = "pairs.csv" if mark == "," else "pairs.tsv"
    return pairs_of(read_table(("\n".join([*filter(None, [head]), *lines]) + "\n").encode(), name))


STS = ("main-captions", "MSRvid", "2012test", "{n}", "{s}", "{a}", "{b}")


@pytest.mark.parametrize(
    "made",
    [
        {"cells": ("main", "news", "2015", "{n}", "{s}", "{a}", "{b}")},
        {"cells": STS},
        {"cells": (*STS, "https://example.org/{n}", "CC-BY")},
        {"cells": ("{a}", "{b}", "{s}"), "mark": ","},
        {"cells": ("{s}", "{a}", "{b}")},
        {"cells": ("{n}", "{a}", "{s}", "{b}"), "head": "nr\tone\tvalue\tother"},
        {"cells": ("{a}", "{b}", "{s}"), "head": "premise\thypothesis\tagreement"},
    ],
)
def test_pairs_without_names_are_known_by_what_they_hold(made: dict[str, str]) -> None:
    found = pairs(*made.pop("cells"), **made)  # type: ignore[arg-type]
    assert (found.first, found.second) == (tuple(FIRST), tuple(SECOND))
    assert found.scores.tolist() == SCORES


def test_a_first_pair_taken_for_a_header_is_a_pair() -> None:
    content = "a cat,a dog,0.5\nthe sun shone all day,the moon was out,1.5\na man ate a lot,a woman ran away,2.5\n"
    table = read_table(content.encode(), "pairs.csv")
    found = pairs_of(table)
    assert len(found) == 3
    assert sorted(found.scores.tolist()) == [0.5, 1.5, 2.5]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("same", "different"), [1, 0]),
        (("duplicate", "not_duplicate"), [1, 0]),
        (("yes", "no"), [1, 0]),
        (("entailment", "neutral", "contradiction"), [1, 0.5, 0]),
        (("Entailment", "Not entailment"), [1, 0]),
    ],
)
@pytest.mark.parametrize("head", ["sentence1\tsentence2\tgold_label", "label\tpremise\thypothesis", ""])
def test_scores_in_words_are_numbers_and_said(words: tuple[str, ...], values: list[float], head: str) -> None:
    cells = ("{w}", "{a}", "{b}") if head.startswith("label") else ("{a}", "{b}", "{w}")
    found = pairs(*cells, head=head, words=words)
    assert found.scores.tolist() == [values[at % len(words)] for at in range(12)]
    assert found.first == tuple(FIRST)
    assert all(word.casefold() in found.notes[0].sentence.casefold() for word in words)


def test_no_agreement_is_no_score() -> None:
    found = pairs("{w}", "{a}", "{b}", head="gold_label\tsentence1\tsentence2", words=("entailment", "neutral", "-"))
    assert len(found) == 8
    assert "4 rows" in found.notes[1].sentence


def test_which_score_of_pairs_is_taken_is_said_and_can_be_overruled() -> None:
    lines = "\n".join(
        f"{a}\t{b}\t{at % 2}\t{s}" for at, (a, b, s) in enumerate(zip(FIRST, SECOND, SCORES, strict=True))
    )
    table = read_table(f"one\tother\tflag\tagreed\n{lines}\n".encode(), "pairs.tsv")
    found = pairs_of(table)
    assert found.scores.tolist() == SCORES
    assert say([found.notes[0].sentence], ("“agreed”", 12, "“flag”", 12))
    assert set(pairs_of(table, columns=("one", "other", "flag")).scores.tolist()) == {0, 1}
    with pytest.raises(EmbedlabError, match="three columns"):
        pairs_of(table, columns=("one", "other"))


def test_ids_of_pairs_that_are_all_unknown_are_named_on_both_sides() -> None:
    with pytest.raises(EmbedlabError, match=r"“x1”.*“0”"):
        pairs_of(read_table(b"id1,id2,score\nx1,x2,1\nx3,x4,0\n", "p.csv"), corpus(), "_id")
