"""A space laid out, grouped and named: what there is to see in some texts, and how far to trust it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedlab.base.english import counted
from embedlab.base.result import Result
from embedlab.corpus.export import csv_bytes
from embedlab.corpus.origin import arguments
from embedlab.encoders import EncoderInfo
from embedlab.encoders.function import FUNCTION
from embedlab.space import Clusters, Layout, Neighbours, Space
from embedlab.space.embedding import UNKNOWN
from embedlab.space.names import ClusterNames
from embedlab.space.quality import Trust

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Exploration(Result):
    """A space with everything that a map of it shows. `trust` is None for a sketch that was not measured."""

    space: Space
    neighbours: Neighbours
    layout: Layout
    clusters: Clusters
    names: ClusterNames
    trust: Trust | None

    @property
    def sentence(self) -> str:
        """How many texts are in how many groups, and how far the map can be trusted."""
        return " ".join(filter(None, (f"{self.counted}.", self.doubt, self.how_far)))

    @property
    def counted(self) -> str:
        """How many texts are in how many groups."""
        groups = counted(self.count, "cluster") if self.grouped else "no groups"
        return f"{counted(len(self.space), 'text')}{self.space.corpus.of_all} in {groups}"

    @property
    def grouped(self) -> bool:
        """Whether there are groups to show."""
        return self.names.grouped

    @property
    def doubt(self) -> str:
        """What stands above the map if vectors, groups or names can't be relied on; "" where nothing is to be said."""
        return " ".join(filter(None, (self.space.doubt, self.names.doubt)))

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
    def recipe(self) -> str:
        """Everything that this map depends on, a line each."""
        card, corpus = self.space.card, self.space.corpus
        layout = ", ".join(f"{name} {value}" for name, value in self.layout.settings)
        over = self.space.over_window.sum()
        limit = f"{card.window:,} tokens" if card.window else "its limit"
        cut = f"; texts over {limit} are cut: {over:,}" if card.window or over else ""
        lines = [
            f"texts: {len(corpus):,}{corpus.of_all} ({counted(corpus.rows_read, 'row')} read), "
            f"fingerprint {corpus.fingerprint}",
            f"model: {card.model}, {counted(card.dimensions, 'dimension')}{_details(card)}, weights {card.weights}",
            f"computed with: {card.runtime}{cut}",
            f"layout: {self.layout.method}, {layout}",
            f"clusters: Leiden on the {self.neighbours.apart.links}-neighbour graph, "
            f"granularity {self.clusters.resolution:g}, seed {self.clusters.seed}",
        ]
        if self.neighbours.recall is not None:
            lines.insert(3, f"neighbours: {self._found}")
        if self.names.tendency:
            lines.append(f"groups: {self.names.tendency.detail}")
        return "\n".join([*lines, f"trust: {self.trust.detail}"] if self.trust else lines)

    @property
    def _found(self) -> str:
        """How many of the true neighbours were found, where not every pair of texts was compared."""
        near = self.neighbours
        return f"random trees, then neighbours of neighbours, seed 0; recall {near.recall:.3f} on {near.measured_on:,}"

    @property
    def python(self) -> str:
        """The lines of Python that open these texts and make this map of them."""
        corpus, layout = self.space.corpus, self.layout
        imports, lines = _drawing(layout, self.clusters)
        return "\n".join(
            [
                *corpus.origin.imports, *imports, "",
                *corpus.origin.lines(corpus.texts), _embedding(self.space.card), *lines, "picture.show()",
            ]
        )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """Return what the command `map` prints as JSON."""
        return self.space.facts() | {
            "clusters": self.count,
            "doubt": self.doubt,
            "groups": self.names.tendency.facts if self.names.tendency else None,
            "trustworthiness": _rounded(self.trust.trustworthiness) if self.trust else None,
            "continuity": _rounded(self.trust.continuity) if self.trust else None,
            "seed": self.clusters.seed,
            "layout": self.layout.method,
            "landmarks": self.layout.landmarks,
            "neighbours_recall": None if self.neighbours.recall is None else round(self.neighbours.recall, 4),
        }

    def placed(self) -> dict[str, NDArray[Any]]:
        """Return what the map adds to each text, (n,) each: x, y (and z), cluster, its name, trust (NaN: unknown)."""
        texts = len(self.space)
        kept = self.trust.per_point if self.trust else np.full(texts, np.nan, dtype=np.float32)
        return {
            **{axis: self.layout.positions[:, at] for at, axis in enumerate("xyz"[: self.layout.dimensions])},
            "cluster": self.groups,
            "cluster_name": np.array([self.names.of(label) for label in self.groups.tolist()], dtype=object),
            "trust": kept,
        }

    def table(self) -> pd.DataFrame:
        """Return every text with its row in the source (from 1), its columns, its place, cluster and trust."""
        return self.space.corpus.table().assign(**self.placed())

    def csv(self) -> bytes:
        """Return the same as CSV that is safe in a spreadsheet."""
        corpus, placed = self.space.corpus, self.placed()
        columns = (column.cells() for column in corpus.columns)
        values = (added.tolist() for added in placed.values())
        rows = zip((corpus.rows + 1).tolist(), corpus.texts, *columns, *values, strict=True)
        return csv_bytes(["row", "text", *(column.name for column in corpus.columns), *placed], rows)


def _rounded(share: float) -> float | None:
    return None if np.isnan(share) else round(share, 4)


def _details(card: EncoderInfo) -> str:
    known = [
        f"the first of {card.shortened_from}" if card.shortened_from else "",
        f"revision {card.revision}" if card.revision else "",
        f"prompt {card.prompt!r}" if card.prompt else "",
    ]
    return "".join(f", {fact}" for fact in known if fact)


def _embedding(card: EncoderInfo) -> str:
    """Return the line that makes a space with this card."""
    if card.column:
        made_by = f", model={card.name!r}" if card.model != UNKNOWN else ""
        return f"space = el.embed(corpus, vectors={card.column!r}{made_by})"
    exact = ", exact=True" if card.runtime == "OpenVINO fp32" else ""
    short = f", dimensions={card.dimensions}" if card.shortened_from else ""
    if card.runtime == FUNCTION:
        return f"space = el.embed(corpus, model=model{short})  # your function or encoder"
    return f"space = el.embed(corpus, model={card.name!r}{exact}{short})"


def _drawing(layout: Layout, clusters: Clusters) -> tuple[list[str], list[str]]:
    """Return the lines that make the map `picture` of a `space`, after their imports.

    `el.explore` lays out by UMAP and groups with its seed; any other map is put together from its parts.
    """
    settings, granularity = dict(layout.settings), f"{clusters.resolution:g}"
    if layout.method == "UMAP" and settings["seed"] == clusters.seed:
        drawn = f"picture = el.explore(space, settings, granularity={granularity})"
        return [], [f"settings = el.LayoutSettings({arguments(settings)})", drawn]
    imports = ["from embedlab import pipeline"]
    if layout.method == "UMAP":
        lines = [f"drawn = pipeline.lay_out(prepared, el.LayoutSettings({arguments(settings)}))"]
    else:
        imports += ["from embedlab.space.projection import pca", "from embedlab.space.quality import trust"]
        lines = [
            f"layout = pca(space, dimensions={layout.dimensions})",
            "drawn = pipeline.MeasuredLayout(layout, trust(space, prepared.neighbours, layout))",
        ]
    groups = f"groups = pipeline.group(prepared, {granularity}, seed={clusters.seed})"
    explored = "picture = pipeline.explored(prepared, drawn, groups)"
    return imports, ["prepared = pipeline.of_space(space)", *lines, groups, explored]
