"""The cards of a report: which model read the texts, and what is counted among them."""

from __future__ import annotations

from collections.abc import Sequence

from embedlab.space import Space

MOST_NAMED = 12


def model_rows(space: Space) -> list[tuple[str, str]]:
    """Return which model read the texts, with all that determines its vectors, as the rows of a table."""
    card = space.card
    over = int(space.over_window.sum())
    return [
        ("Model", card.model or "not known: the vectors came with the texts"),
        ("Weights", card.weights),
        ("Revision", card.revision or "none"),
        ("Dimensions", f"{card.dimensions:,}" + (f" of {card.shortened_from:,}" if card.shortened_from else "")),
        ("Window", f"{card.window:,} tokens; {over:,} texts are longer" if card.window else "none known"),
        ("Prompt", card.prompt or "none"),
        ("Computed with", card.runtime),
    ]


def counts(found: Sequence[tuple[str, int]]) -> str:
    """Return names with their counts, the first twelve of them."""
    return some([f"{name} ({count:,})" for name, count in found])


def some(names: Sequence[str]) -> str:
    """Return the first twelve names, and how many more there are."""
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more or "none"
