"""Charts that filter each other: what the browser counts is what pandas counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from embedlab.corpus import Column
from embedlab.figures import html
from embedlab.figures.charts import MISSING, Chart, chart_of
from embedlab.figures.map import packed

COUNT = 3000
FILTERED = """([charts, filters, selected]) => {
    const { Filters, numbersFrom, bitsOf } = embedlabMap;
    const model = new Filters(charts[0].count);
    model.setCharts(charts.map(({ codes, ...chart }) => ({ ...chart, codes: numbersFrom(codes, Uint16Array) })));
    for (const [id, filter] of filters) model.set(id, filter);
    if (selected) model.setRows("selection", bitsOf(selected, charts[0].count));
    const left = model.passing ? [...model.passing] : null;
    const counts = Object.fromEntries(charts.map(({ id }) => [id, [...model.countsOf(id)]]));
    const before = model.state();
    model.clear();
    const cleared = [model.passing, model.count];
    model.restore(before);
    return { left, count: model.count, counts, cleared, again: [...(model.passing || [])] };
}"""


def table() -> list[Chart]:
    rng = np.random.default_rng(0)
    holes = rng.random(COUNT) < 0.1
    numbers = np.where(holes, np.nan, rng.lognormal(3, 1, COUNT))
    numbers[:3] = np.inf, -np.inf, 1e12
    dates = np.datetime64("2001-01-01", "us") + rng.integers(0, 6000, COUNT).astype("timedelta64[D]")
    dates[holes] = np.datetime64("NaT")
    many = np.array([f"value {at}" for at in rng.integers(0, 300, COUNT)], dtype=object)
    many[holes] = None
    answers = np.array(["true", "false"], dtype=object)[rng.integers(0, 2, COUNT)]
    columns = (
        Column("number", "number", numbers),
        Column("date", "date", dates),
        Column("many", "category", many),
        Column("answer", "category", answers),
        Column("none", "number", np.where(np.arange(COUNT) < 1, 1.0, np.nan)),
    )
    return [chart_of(column, column.name) for column in columns]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filters") / "bare.html"
    path.write_text(f"<!doctype html><script>{html.map_script()}</script>", encoding="utf-8")
    return path


def passes(chart: Chart, filter_: dict[str, Any]) -> np.ndarray:
    codes = chart.codes.astype(int)
    if "codes" in filter_:
        return np.isin(codes, filter_["codes"])
    return (codes >= filter_["from"]) & (codes <= filter_["to"]) & (codes != MISSING)


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"number": {"from": 2, "to": 9}},
        {"number": {"from": 0, "to": 40}, "date": {"from": 3, "to": 12}},
        {"many": {"codes": [0, 7, 250, MISSING]}, "answer": {"codes": [1]}},
        {"date": {"codes": [MISSING]}, "number": {"codes": [MISSING]}},
        {"none": {"from": 0, "to": 0}, "answer": {"codes": [0]}},
        {"number": {"from": 1, "to": 20}, "date": {"from": 0, "to": 30}, "many": {"codes": [*range(100)]}},
    ],
    ids=lambda filters: "-".join(filters) or "nothing",
)
@pytest.mark.parametrize("selected", [None, list(range(0, COUNT, 3))], ids=["all", "a third"])
def test_counts_are_those_of_pandas(new_page: Any, page_file: Path, filters: Any, selected: list[int] | None) -> None:
    charts = table()
    page = new_page()
    page.goto(page_file.as_uri())
    sent = [{"key": one.id, "count": COUNT, "codes": packed(one.codes), **one.legend()} for one in charts]
    found = page.evaluate(FILTERED, json.loads(json.dumps([sent, [*filters.items()], selected])))

    by_id = {chart.id: chart for chart in charts}
    frame = pd.DataFrame({name: passes(by_id[name], one) for name, one in filters.items()}, index=range(COUNT))
    frame["selection"] = True if selected is None else frame.index.isin(selected)
    left = frame.all(axis=1)
    if filters or selected:
        assert np.array_equal(found["left"], left.astype(int))
    else:
        assert found["left"] is None
    assert found["count"] == int(left.sum())
    for chart in charts:
        others = frame.drop(columns=chart.id, errors="ignore").all(axis=1)
        codes = pd.Series(np.where(chart.codes == MISSING, len(chart.words), chart.codes.astype(int)))[others]
        wanted = codes.value_counts().reindex(range(len(chart.words) + 1), fill_value=0)
        assert found["counts"][chart.id] == wanted.tolist(), chart.id
    assert found["cleared"] == [None, COUNT]
    assert found["again"] == (found["left"] or [])
