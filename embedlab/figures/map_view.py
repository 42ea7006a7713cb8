"""One explored corpus, ready to be drawn: its labels, its colourings, its stand-alone page, its recipe."""

from __future__ import annotations

import tempfile
import webbrowser
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedlab.corpus import Column
from embedlab.corpus.export import csv_bytes
from embedlab.encoders import EncoderInfo
from embedlab.figures.colouring import Colouring, by_codes, by_column, by_share, plain
from embedlab.figures.map import MapLabel, Points
from embedlab.figures.standalone import map_html
from embedlab.space import Clusters, Layout, Neighbours, Space
from embedlab.space.names import ClusterNames
from embedlab.space.quality import Trust

CLUSTERS = "Clusters"
NEIGHBOURS_KEPT = "Neighbours kept by the map"
NOTHING = "Nothing"
SHOWN_NEIGHBOURS = 10


@dataclass(frozen=True, eq=False)
class Exploration:
    """A space with everything that a map of it shows. `trust` is None for a sketch that was not measured."""

    space: Space
    neighbours: Neighbours
    layout: Layout
    clusters: Clusters
    names: ClusterNames
    trust: Trust | None

    @property
    def points(self) -> Points:
        """The texts at their places."""
        return Points.of(self.layout, self.space.corpus)

    @property
    def labels(self) -> list[MapLabel]:
        """The clusters' names, each at the text nearest to its cluster's median place.

        A median stays with the bulk of a cluster that the map tears apart, where a mean would fall between.
        """
        labels: list[MapLabel] = []
        if not self.names.drawn:
            return labels
        for number, name in enumerate(self.names.names):
            points = self.layout.positions[self.clusters.labels == number]
            middle = np.median(points, axis=0)
            x, y, *z = map(float, points[np.argmin(((points - middle) ** 2).sum(axis=1))])
            labels.append(MapLabel(name, x, y, z[0] if z else None, size=float(len(points))))
        return labels

    @property
    def grouped(self) -> bool:
        """Whether there are groups to show."""
        return self.names.grouped

    @property
    def doubt(self) -> str:
        """What stands above the map if groups or names can't be relied on; "" where there is nothing to say."""
        return self.names.doubt

    @property
    def how_far(self) -> str:
        """How far to trust the map, in a sentence; "" for a sketch."""
        return self.trust.told(self.grouped) if self.trust else ""

    @property
    def groups(self) -> NDArray[np.int32]:
        """The group of each text, int32 (n,): its cluster, or -1 for all where there are no groups."""
        return self.clusters.labels if self.grouped else np.full_like(self.clusters.labels, -1)

    @property
    def count(self) -> int:
        """How many groups there are."""
        return self.clusters.count if self.grouped else 0

    @property
    def colour_names(self) -> list[str]:
        """What the map can be coloured by, the first to begin with: clusters, unless there are none to show."""
        columns = [column.name for column in self.space.corpus.columns if _colourable(column)]
        lens = [NEIGHBOURS_KEPT] if self.trust and self.trust.k else []
        return [CLUSTERS, *columns, *lens, NOTHING] if self.grouped else [NOTHING, *columns, *lens]

    def colouring(self, name: str) -> Colouring:
        """Return the colouring called `name`; one colour for all where there is none."""
        if name == CLUSTERS and self.grouped:
            return by_codes(CLUSTERS, self.clusters.labels, self.names.names, self.layout.positions)
        if name == NEIGHBOURS_KEPT and self.trust:
            note = f"Share of a text's {self.trust.k} true neighbours that are near it on this map."
            return by_share(NEIGHBOURS_KEPT, self.trust.per_point, note)
        if name in self.colour_names and name not in (NOTHING, NEIGHBOURS_KEPT):
            return by_column(self.space.corpus.column(name), self.layout.positions)
        return plain()

    @property
    def recipe(self) -> str:
        """Everything that this map depends on, a line each."""
        card, corpus = self.space.card, self.space.corpus
        layout = ", ".join(f"{name} {value}" for name, value in self.layout.settings)
        lines = [
            f"texts: {len(corpus):,} ({corpus.rows_read:,} rows read), fingerprint {corpus.fingerprint}",
            f"model: {card.model}, {card.dimensions} dimensions{_details(card)}, weights {card.weights}",
            f"computed with: {card.runtime}{self._cut}",
            f"layout: {self.layout.method}, {layout}",
            f"clusters: Leiden on the 15-neighbour graph, granularity {self.clusters.resolution:g}, "
            f"seed {self.clusters.seed}",
        ]
        if self.names.tendency:
            lines.append(f"groups: {self.names.tendency.detail}")
        return "\n".join([*lines, f"trust: {self.trust.detail}"] if self.trust else lines)

    @property
    def _cut(self) -> str:
        window = self.space.card.window
        return f"; texts over {window:,} tokens are cut: {self.space.over_window.sum():,}" if window else ""

    @property
    def python(self) -> str:
        """The lines of Python that make this map from a file."""
        corpus = self.space.corpus
        settings = ", ".join(f"{name}={value!r}" for name, value in self.layout.settings)
        return "\n".join(
            [
                "import embedlab as el",
                "",
                f"corpus = el.read({corpus.name + '.csv'!r})  # your file",
                f"space = {_embedding(self.space.card)}",
                f"settings = el.LayoutSettings({settings})" if self.layout.method == "UMAP" else "settings = None",
                f"picture = el.explore(space, settings, granularity={self.clusters.resolution:g})",
                "picture.show()",
            ]
        )

    def page(self, title: str) -> str:
        """Return the map as one HTML page that needs no network."""
        return map_html(
            self.points,
            {name: self.colouring(name) for name in self.colour_names},
            self.labels,
            title=title,
            doubt=self.doubt,
            trust=self.how_far,
            footer=self.recipe,
            neighbours=self.neighbours.indices[:, :SHOWN_NEIGHBOURS],
            cosines=self.neighbours.cosines[:, :SHOWN_NEIGHBOURS],
        )

    def csv(self) -> bytes:
        """Return every text with its columns, its place, cluster and trust, as CSV that is safe in a spreadsheet."""
        corpus, positions = self.space.corpus, self.layout.positions
        kept = self.trust.per_point if self.trust else np.full(len(corpus), np.nan, dtype=np.float32)
        axes = "xyz"[: self.layout.dimensions]
        header = ["row", "text", *(column.name for column in corpus.columns), *axes]
        rows = (
            [
                int(corpus.rows[row]) + 1,
                corpus.texts[row],
                *(column.shown(row) for column in corpus.columns),
                *positions[row].tolist(),
                int(label),
                self.names.of(int(label)),
                float(kept[row]),
            ]
            for row, label in enumerate(self.groups)
        )
        return csv_bytes([*header, "cluster", "cluster_name", "trust"], rows)

    def show(self) -> Path:
        """Open the map in the browser; return the file it is in."""
        path = Path(tempfile.mkdtemp(prefix="embedlab-")) / "map.html"
        path.write_text(self.page(self.space.corpus.name), encoding="utf-8", errors="replace")
        webbrowser.open(path.as_uri())
        return path


def _details(card: EncoderInfo) -> str:
    known = [
        f"the first of {card.shortened_from}" if card.shortened_from else "",
        f"revision {card.revision}" if card.revision else "",
        f"prompt {card.prompt!r}" if card.prompt else "",
    ]
    return "".join(f", {fact}" for fact in known if fact)


def _embedding(card: EncoderInfo) -> str:
    """Return the call that makes a space with this card."""
    if card.column:
        return f"el.own_space(corpus, {card.column!r}, model={card.model!r})"
    exact = ", exact=True" if card.runtime == "OpenVINO fp32" else ""
    short = f", dimensions={card.dimensions}" if card.shortened_from else ""
    return f"el.embed(corpus, model={card.model!r}{exact}{short})"


def _colourable(column: Column) -> bool:
    """Free text would give every point a colour of its own."""
    return column.kind != "text" and not bool(column.missing.all())
