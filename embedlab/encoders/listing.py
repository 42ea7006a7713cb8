"""The models as a result: what can embed texts here, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from embedlab.base.result import Result
from embedlab.encoders.base import ModelEntry

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Models(Result):
    """What can embed texts on this machine, and what could."""

    entries: tuple[ModelEntry, ...]

    def __iter__(self) -> Iterator[ModelEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def sentence(self) -> str:
        """How many there are, and how many of them can be used now."""
        return f"{sum(one.ready for one in self.entries)} of {len(self)} models are ready."

    def table(self) -> pd.DataFrame:
        """Return a row for each model: its family, whether it is ready, its size, what it reads and its licence."""
        import pandas as pd

        return pd.DataFrame(self.facts()["models"])

    def facts(self) -> dict[str, Any]:
        """Return the list that the command `models` prints as JSON, as `models`."""
        return {"models": [one.facts() for one in self.entries]}
