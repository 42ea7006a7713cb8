"""What is relevant to which query: from a BEIR folder, from a table of queries and ids, or from labels."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from embedlab.base.arrays import Floats, Rows, frozen
from embedlab.base.english import counted, listed
from embedlab.base.errors import EmbedlabError
from embedlab.corpus.cells import cell_text, cleaned, one_text
from embedlab.corpus.corpus import Column, Corpus, Note, named_column, noted
from embedlab.corpus.reading.files import decode, load
from embedlab.corpus.reading.table import MAX_CHARACTERS, Table
from embedlab.corpus.roles import (
    Grid,
    JudgedColumns,
    TakenColumns,
    grid_of,
    grid_of_lines,
    judged_columns,
    refuse_twice,
)
from embedlab.corpus.spellings import labels_of

ROW = "row number"
MOST_QUERIES = 200
MOST_LOOKED_AT = 1_000
_QUERY_NAMES = ("query", "queries", "question", "q", "search", "text")
_QUERY_IDS = ("query-id", "query_id", "queryid", "qid")
_ID_COLUMNS = ("id", "_id", "doc_id", "docid")
_ID_NAMES = (*_ID_COLUMNS, "document", "corpus-id", "corpus_id", "corpusid", "row", "row number")
_OF_QUERIES = ("_id", "id", *_QUERY_IDS)
_HEADS = (
    _QUERY_IDS,
    ("corpus-id", "corpus_id", "corpusid", "docid", "doc_id", "doc-id", "pid", "document"),
    ("score", "relevance", "rel", "grade", "label"),
)
_GRADE_NAMES = (
    "relevance", "rel", "grade", "judgement", "judgment", "relevant", "is_relevant", "relevance_score", "gain", "score",
    "label",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Judgements:
    """Queries, and the rows of a corpus that are relevant to each.

    `rows[i]` int (r,) are those for `queries[i]`, each once, `grades[i]` float64 (r,) how relevant they are, above 0.
    `own[i]` is the row that the query itself was taken from, None where it is no text of the corpus. `notes` count
    what was left out.
    """

    name: str
    queries: tuple[str, ...]
    rows: tuple[Rows, ...]
    grades: tuple[Floats, ...]
    own: tuple[int | None, ...]
    notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        return len(self.queries)

    def __iter__(self) -> Iterator[tuple[Rows, Floats, int | None]]:
        return zip(self.rows, self.grades, self.own, strict=True)

    def without(self, unread: Rows, count: int) -> Judgements:
        """Return the judgements of the texts that are left when those at `unread`, of `count`, are left out."""
        places = np.full(count, -1, dtype=np.intp)
        kept = np.delete(np.arange(count), unread)
        places[kept] = np.arange(len(kept))
        found = [
            (query, places[rows][left], grades[left], None if own is None or places[own] < 0 else int(places[own]))
            for query, (rows, grades, own) in zip(self.queries, self, strict=True)
            if (left := places[rows] >= 0).any()
        ]
        lost = len(self) - len(found)
        sentence = f"{counted(lost, 'query has', 'queries have')} no relevant text among those that are left."
        queries, rows, grades, own = zip(*found, strict=True) if found else ((), (), (), ())
        return replace(
            self, queries=queries, rows=rows, grades=grades, own=own,
            notes=(*self.notes, *noted("dropped", lost, sentence)),
        )  # fmt: skip

    @property
    def relevant(self) -> Rows:
        """How many rows are relevant to each query, int (q,)."""
        return np.array([len(rows) for rows in self.rows], dtype=np.intp)


# --- A BEIR folder -------------------------------------------------------------------------------


def read_beir(folder: Path, split: str = "test") -> tuple[Corpus, Judgements]:
    """Return the corpus and its judgements in corpus.jsonl, queries.jsonl (each may be gzipped) and qrels/SPLIT.tsv.

    A document is its title, a space and its text, as BEIR reads it; one without either is dropped, and a note says
    so. Source: Thakur et al., "BEIR: a heterogeneous benchmark for zero-shot evaluation of information retrieval
    models", NeurIPS 2021. Raises `EmbedlabError` when a file is missing or not what it should be.
    """
    if not folder.is_dir():
        raise EmbedlabError(
            f"There is no folder “{folder}”: name one that holds corpus.jsonl, queries.jsonl and qrels."
        )
    documents = list(_objects(_there(folder, "corpus.jsonl")))
    corpus, ids = _documents(documents, folder.resolve().name)
    texts = {str(one["_id"]): str(one.get("text") or "") for one in _objects(_there(folder, "queries.jsonl"))}
    places = {item: [row] for row, item in enumerate(ids)}
    judged, more = _qrels(folder, split, texts, places)
    unasked = {query for query, _, _ in judged if not texts.get(query, "").strip()}
    kept = [(query, item, grade) for query, item, grade in judged if query not in unasked]
    if judged and not kept:
        raise EmbedlabError(
            f"No query of qrels/{split}.tsv ({listed(unasked, 3)}) is in queries.jsonl ({listed(texts, 3)}): "
            "bring files that belong together."
        )
    found = _matched(f"{corpus.name}, {split}", kept, places, texts.__getitem__)
    sentence = f"{counted(len(unasked), 'judged query is', 'judged queries are')} not in queries.jsonl: left out."
    notes = (*more, *noted("dropped", len(unasked), sentence), *found.notes)
    return corpus, replace(found, notes=notes)


def _there(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise EmbedlabError(f"There is no {name} (or {name}.gz) in “{folder}”: name a folder in BEIR's layout.")


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    """Read objects with an "_id"; ids stay as they are written, which a table's columns would not."""
    text, _, _ = decode(load(path))
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or "_id" not in found:
            raise EmbedlabError(f"Line {number:,} of “{path.name}” is no JSON object with an “_id”: mend it there.")
        yield found


def _documents(documents: Sequence[dict[str, Any]], name: str) -> tuple[Corpus, list[str]]:
    texts, ids, kept, cut = [], [], [], 0
    for row, one in enumerate(documents):
        whole = one_text(cleaned(str(one.get(part) or "")) for part in ("title", "text"))
        if whole:
            cut += len(whole) > MAX_CHARACTERS
            texts.append(whole[:MAX_CHARACTERS])
            ids.append(str(one["_id"]))
            kept.append(row)
    if not texts:
        raise EmbedlabError(f"No document in “{name}” has a title or a text: check corpus.jsonl.")
    empty = sorted(set(range(len(documents))) - set(kept))
    notes = noted("dropped", len(empty), f"{counted(len(empty), 'document')} without title and text left out.", empty)
    sentence = f"{counted(cut, 'document')} of more than {MAX_CHARACTERS:,} characters cut to that length."
    notes += noted("changed", cut, sentence)
    values = np.empty(len(ids), dtype=object)
    values[:] = ids
    column = Column("_id", "text", frozen(values))
    rows = frozen(np.array(kept, dtype=np.intp))
    return Corpus(name, tuple(texts), (column,), rows, len(documents), tuple(notes)), ids


def _qrels(
    folder: Path, split: str, queries: Mapping[str, str], items: Mapping[str, Any]
) -> tuple[list[tuple[str, str, float]], list[Note]]:
    """Read the judgements: BEIR's three columns, or TREC's four, with or without a header, in any order."""
    path = folder / "qrels" / f"{split}.tsv"
    if not path.is_file():
        have = ", ".join(sorted(found.stem for found in (folder / "qrels").glob("*.tsv"))) or "none"
        raise EmbedlabError(f"There is no qrels/{split}.tsv in “{folder}”: name another split (there is {have}).")
    text, _, _ = decode(load(path))
    grid = grid_of_lines(text.removeprefix("\ufeff"))
    if len(grid.names) < 3:
        raise EmbedlabError(f"“{path.name}” has fewer than three columns: BEIR's are query-id, corpus-id and score.")
    found = _beir_columns(grid) or judged_columns(grid, queries.keys(), items.keys())
    if found is None:
        raise _unknown(path.name, grid, queries, items)
    return _rows_of(found, path.name), found.notes()


def _beir_columns(grid: Grid) -> JudgedColumns | None:
    """Return the columns that a header names as BEIR does."""
    heads = [head.casefold() for head in grid.rows[0]]
    places = [next((heads.index(name) for name in names if name in heads), None) for names in _HEADS]
    query, item, grade = places
    if query is None or item is None:
        return None
    return JudgedColumns(replace(grid, names=grid.rows[0], rows=grid.rows[1:], headed=True), query, item, grade)


def _rows_of(found: JudgedColumns, name: str) -> list[tuple[str, str, float]]:
    return [
        (row[found.query], row[found.item], 1.0 if found.grade is None else _grade(row[found.grade], number, name))
        for number, row in enumerate(found.grid.rows, 1)
    ]


def _unknown(name: str, grid: Grid, queries: Iterable[str] | None, items: Iterable[str]) -> EmbedlabError:
    first = listed(dict.fromkeys(cell for row in grid.rows[:2] for cell in row if cell), 6)
    asked = "" if queries is None else f"a query ({listed(queries, 3)}) and "
    return EmbedlabError(
        f"“{name}” can't be read as judgements: no columns of it ({first}) have the ids of {asked}a text "
        f"({listed(items, 3)}). Name its columns query-id, corpus-id and score, or say what an id is."
    )


# --- A table beside a corpus ---------------------------------------------------------------------


def id_columns(corpus: Corpus) -> list[str]:
    """Return what texts can be named by: their row number, then the columns, those with most values first."""
    by_values = sorted(corpus.columns, key=lambda one: -len(np.unique(one.values[~one.missing].astype(str))))
    return [ROW, *(column.name for column in by_values if not column.missing.all())]


def likely_ids(tables: Sequence[Table], corpus: Corpus) -> str:
    """Return what the ids in `tables` most likely are: the row number, or the column that has most of them.

    Of a draw a column that is called an id wins: numbers from 0 or 1 on are row numbers, too, but not always the same.
    """
    judged = [table for table in tables if named_column(table.columns, _QUERY_IDS) is not None]
    judged = judged or [table for table in tables if len(tables) == 1 or not _holds_queries(table)] or list(tables)
    columns = [column for table in judged if (column := named_column(table.columns, _ID_NAMES)) is not None]
    named = [
        {column.shown(row).strip() for row in range(min(len(column.values), MOST_LOOKED_AT))} for column in columns
    ]
    sets = [set[str]().union(*named)] if named else [_some(cells) for table in judged for cells in _cells(table)]
    known = {name: rows_named(corpus, name).keys() for name in id_columns(corpus)}
    found = {name: max((len(ids & rows) for ids in sets), default=0) for name, rows in known.items()}
    return max(found, key=lambda name: (found[name], found[name] > 0 and name.casefold() in _ID_COLUMNS))


def _cells(table: Table) -> Iterator[list[str]]:
    grid = grid_of(table)
    return (grid.column(at) for at in range(len(grid.names)))


def _some(cells: Sequence[str]) -> set[str]:
    return set(cells[:MOST_LOOKED_AT])


def judgements(
    table: Table, corpus: Corpus, named_by: str = ROW, queries: Table | None = None, columns: Sequence[str] = ()
) -> Judgements:
    """Return the judgements in `table`: a query and an id in each row, and if there is one, a score above 0.

    An id is a value of the column `named_by` of `corpus`, or its row in the source, counted from 1 (`ROW`). Where
    `table` names its queries by their ids, as BEIR's qrels do, `queries` has the text of each id. `columns` names those
    of the query, the id and the score; without it they are known by their names, or by what they hold, as in
    TREC's four columns without a header. Rows with an id that doesn't exist, with a score of 0 or less, or without
    a query are counted and left out. Raises `EmbedlabError` when the columns are not there or no judgement is left.
    """
    places = rows_named(corpus, named_by)
    texts = None if queries is None else _texts(queries)
    found = _columns_of(table, texts, places, columns)
    grid, by_id = found.grid, texts is not None
    cells = [(row[found.query], row[found.item], number) for number, row in enumerate(grid.rows, 1)]
    rows = [one for one in cells if one[0] and one[1]]
    grades = [""] * len(grid.rows) if found.grade is None else grid.column(found.grade)
    judged = [
        (query, item, 1.0 if found.grade is None else _grade(grades[number - 1], number, table.name))
        for query, item, number in rows
    ]
    known = texts or {}
    asked = [one for one in judged if known.get(one[0], "").strip()] if by_id else judged
    if judged and not asked:
        raise EmbedlabError(
            f"No query of “{table.name}” ({listed(dict.fromkeys(one[0] for one in judged), 3)}) has a text in "
            f"“{queries.name if queries is not None else ''}” ({listed(known, 3)}): bring files that belong together."
        )
    made = _matched(table.name, asked, places, known.get if by_id else lambda text: text)
    blank, lost = len(grid.rows) - len(rows), len(judged) - len(asked)
    notes = found.notes() if not columns else []
    notes += noted("dropped", blank, f"{counted(blank, 'row')} without a query or an id left out.")
    notes += noted("dropped", lost, f"{counted(lost, 'judgement')} of queries without a text left out.")
    return replace(made, notes=(*notes, *made.notes))


def _columns_of(
    table: Table, texts: Mapping[str, str] | None, places: Mapping[str, Any], columns: Sequence[str]
) -> JudgedColumns:
    """Return which columns of a table are what: as somebody said, by their names, or by what they hold."""
    grid, names = grid_of(table), [column.name for column in table.columns]
    if columns:
        told = [names.index(table.column(name).name) for name in columns]
        if not 2 <= len(told) <= 3:
            raise EmbedlabError(
                "Name two or three columns of judgements: that of the query, of the id and of the score."
            )
        refuse_twice(columns)
        return JudgedColumns(grid, told[0], told[1], told[2] if len(told) == 3 else None)
    by_id = named_column(table.columns, _QUERY_IDS)
    query = by_id if by_id is not None and texts is not None else named_column(table.columns, _QUERY_NAMES)
    item = named_column(table.columns, _ID_NAMES)
    if query is not None and item is not None and item is not query:
        grade = named_column(table.columns, _GRADE_NAMES)
        others = [one for one in table.columns if one not in (query, item, grade) and _named_grade(one)]
        score = None if grade is None else names.index(grade.name)
        more = tuple(names.index(one.name) for one in others)
        return JudgedColumns(grid, names.index(query.name), names.index(item.name), score, more)
    found = judged_columns(grid, None if texts is None else texts.keys(), places.keys())
    if found is not None:
        return found
    if by_id is not None and texts is None:
        raise EmbedlabError(
            f"“{table.name}” names its queries by their ids: bring the file with the queries (_id and text) as well."
        )
    if texts is not None and len(grid.names) > 1:
        raise _unknown(table.name, grid, texts, places)
    _column(table, _QUERY_NAMES, "query")
    _column(table, _ID_NAMES, "id")
    raise _unknown(table.name, grid, None, places)


def _named_grade(column: Column) -> bool:
    return column.kind == "number" and named_column([column], _GRADE_NAMES) is not None


def judgements_in(
    tables: Sequence[Table], corpus: Corpus, named_by: str = ROW, columns: Sequence[str] = ()
) -> Judgements:
    """Return the judgements in one table of queries and ids, or in BEIR's two: the qrels and the queries.

    `columns` names those of the query, the id and the score. Raises `EmbedlabError` for other tables; otherwise see
    `judgements`.
    """
    table, queries = _told_apart(tables)
    return judgements(table, corpus, named_by, queries, columns)


def judgement_columns(tables: Sequence[Table], corpus: Corpus, named_by: str = ROW) -> TakenColumns:
    """Return what `judgements_in` takes by itself for the query, the id and the score, and of which table.

    Raises `EmbedlabError` where the tables don't belong together.
    """
    table, queries = _told_apart(tables)
    names = [column.name for column in table.columns]
    with suppress(EmbedlabError):
        found = _columns_of(table, None if queries is None else _texts(queries), rows_named(corpus, named_by), ())
        if len(found.grid.names) == len(names):
            score = "" if found.grade is None else names[found.grade]
            return TakenColumns(table, (names[found.query], names[found.item], score))
    return TakenColumns(table, ("", "", ""))


def _told_apart(tables: Sequence[Table]) -> tuple[Table, Table | None]:
    """Return the table of judgements, and that of the texts of its queries if there is one."""
    if len(tables) == 1:
        return tables[0], None
    qrels = [table for table in tables if named_column(table.columns, _QUERY_IDS) is not None]
    if len(qrels) != 1:
        qrels = [table for table in tables if not _holds_queries(table)]
    if len(tables) != 2 or len(qrels) != 1:
        raise EmbedlabError(
            f"{listed(table.name for table in tables)} don't belong together: take out what is left from before, and "
            "bring one with the columns query and id, or BEIR's two, the qrels (query-id, corpus-id, score) and the "
            "queries (_id, text)."
        )
    (queries,) = (table for table in tables if table is not qrels[0])
    return qrels[0], queries


def _holds_queries(table: Table) -> bool:
    """Whether a table has ids and texts of queries, and no score beside them."""
    named = [named_column(table.columns, names) for names in (_OF_QUERIES, _QUERY_NAMES)]
    return None not in named and named_column(table.columns, _GRADE_NAMES) is None


def _texts(queries: Table) -> dict[str, str]:
    names, texts = _column(queries, _OF_QUERIES, "_id"), _column(queries, _QUERY_NAMES, "text")
    return {names.shown(row): texts.shown(row) for row in range(len(queries))}


def _column(table: Table, names: Sequence[str], wanted: str) -> Column:
    found = named_column(table.columns, names)
    if found is None:
        have = listed(column.name for column in table.columns)
        raise EmbedlabError(
            f"“{table.name}” has no column “{wanted}” (there is {have}): name its columns query, id and, if you like, "
            "score."
        )
    return found


def rows_named(corpus: Corpus, named_by: str) -> dict[str, list[int]]:
    """Return the rows of each value of a column of ids, or of each row number in the source (`ROW`)."""
    if named_by == ROW:
        return {str(source + 1): [row] for row, source in enumerate(corpus.rows.tolist())}
    column = corpus.column(named_by)
    places: dict[str, list[int]] = {}
    for row in range(len(corpus)):
        places.setdefault(column.shown(row).strip(), []).append(row)
    places.pop("", None)
    return places


def _grade(cell: Any, number: int, name: str) -> float:
    written = (cell_text(cell) or "").strip()
    try:
        grade = float(written) if written else 1.0
    except ValueError:
        grade = float("nan")
    if not np.isfinite(grade):
        raise EmbedlabError(
            f"The score “{written[:40]}” in row {number:,} of “{name}” is no number: mend it there, or name another "
            "column as the score."
        )
    return grade


def _matched(
    name: str,
    judged: Iterable[tuple[str, str, float]],
    places: dict[str, list[int]],
    text_of: Callable[[str], str | None],
) -> Judgements:
    """Return the judgements whose ids exist, by query in order of first appearance, with notes on the others."""
    by_query: dict[str, dict[int, float]] = {}
    unknown: dict[str, int] = {}
    refused = 0
    for query, item, grade in judged:
        relevant = by_query.setdefault(query, {})
        if item not in places:
            unknown[item] = unknown.get(item, 0) + 1
        elif grade <= 0:
            refused += 1
        else:
            relevant.update({row: max(grade, relevant.get(row, 0.0)) for row in places[item]})
    kept = {query: relevant for query, relevant in by_query.items() if relevant}
    notes = _losses(unknown, refused, len(by_query) - len(kept))
    if not kept:
        said = " ".join(note.sentence for note in notes) or "It holds none."
        have = f" The texts have ids such as {listed(places, 3)}." if unknown and places else ""
        raise EmbedlabError(f"No judgement in “{name}” can be used: {said[:1].lower()}{said[1:]}{have}")
    rows = tuple(np.array(list(relevant), dtype=np.intp) for relevant in kept.values())
    grades = tuple(np.array(list(relevant.values()), dtype=np.float64) for relevant in kept.values())
    queries = tuple(cleaned(text_of(query) or "") for query in kept)
    return Judgements(name, queries, rows, grades, (None,) * len(kept), tuple(notes))


def _losses(unknown: dict[str, int], refused: int, empty: int) -> list[Note]:
    count = sum(unknown.values())
    names = counted(count, "judgement names an id", "judgements name ids")
    return [
        *noted("dropped", count, f"{names} that no text has ({listed(unknown, 3)}): left out."),
        *noted("info", refused, f"{counted(refused, 'judgement')} with a score of 0 or less: not relevant."),
        *noted("dropped", empty, f"{counted(empty, 'query', 'queries')} without any relevant text left out."),
    ]


# --- Labels as judgements ------------------------------------------------------------------------


def same_label(corpus: Corpus, column: str, most: int = MOST_QUERIES, seed: int = 0) -> Judgements:
    """Return up to `most` texts, drawn with `seed`, as queries to which all other texts of their label are relevant.

    A stand-in where nobody has judged: a label is no answer to a question, and a text alone with its label can't be
    asked for. Raises `EmbedlabError` where no two texts share a label.
    """
    values = labels_of(corpus, column)
    labels = [values.shown(row) for row in range(len(corpus))]
    groups: dict[str, list[int]] = {}
    for row, label in enumerate(labels):
        if label:
            groups.setdefault(label, []).append(row)
    able = [row for row, label in enumerate(labels) if len(groups.get(label, ())) > 1]
    if not able:
        raise EmbedlabError(f"No two texts share a value of “{column}”: choose another column, or bring judgements.")
    drawn = np.sort(np.random.default_rng(seed).choice(able, min(most, len(able)), replace=False)).tolist()
    members = {label: frozen(np.array(rows, dtype=np.intp)) for label, rows in groups.items()}
    ones = {label: frozen(np.ones(len(rows))) for label, rows in members.items()}
    return Judgements(
        name=f"same {column}",
        queries=tuple(corpus.texts[row] for row in drawn),
        rows=tuple(members[labels[row]] for row in drawn),
        grades=tuple(ones[labels[row]] for row in drawn),
        own=tuple(drawn),
    )
