"""Where a corpus came from: what the lines of Python say that open it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from embedlab.base.english import counted
from embedlab.corpus.layout import GUESSED, FileLayout

OriginKind = Literal["file", "built-in", "pasted", "list", "frame"]
MOST_WRITTEN = 4_000
"""So many characters of texts are written out as a list; more would be no lines to copy."""


@dataclass(frozen=True)
class Origin:
    """Where texts came from, and what was said of them beforehand.

    `name` is that of the file or of the built-in set. `text` and `label` are the columns that were chosen where the
    guess is another one (`label` "" for none); None where the guess is right. `layout` is what was said of the file's
    layout, `beside` names the .npy files whose vectors came along. `sample` is how many texts were drawn from it, and
    with which seed. `part` says that only some of its texts are here.
    """

    kind: OriginKind = "list"
    name: str = ""
    text: tuple[str, ...] | None = None
    label: str | None = None
    layout: FileLayout = GUESSED
    beside: tuple[str, ...] = ()
    sample: tuple[int, int] | None = None
    part: bool = False

    @property
    def imports(self) -> list[str]:
        """The imports that `lines` needs."""
        if not self._by_table:
            return ["import embedlab as el"]
        first = ["from pathlib import Path"] if self.beside else []
        layout = ["from embedlab.corpus.layout import FileLayout"] if self.layout != GUESSED else []
        vectors = ["from embedlab.corpus.vectors import from_npy"] if self.beside else []
        table = "from embedlab.corpus.reading.table import read_table"
        return [*first, "import embedlab as el", *layout, table, *vectors]

    @property
    def _by_table(self) -> bool:
        """Whether it takes more than `el.read`, which knows of no vectors beside a file and of no unit."""
        return bool(self.beside) or self.layout.unit is not None

    def lines(self, texts: Sequence[str]) -> list[str]:
        """Return the lines of Python that open it as `corpus`; `texts` are those that it holds."""
        drawn = [f"corpus = corpus.sample({self.sample[0]}, seed={self.sample[1]})"] if self.sample else []
        if self.part:
            return [
                *self._opened(()),
                *drawn,
                f"# of these, {counted(len(texts), 'text')} are looked at here: corpus.take(rows)",
            ]
        return [*self._opened(() if drawn else texts), *drawn]

    def _opened(self, texts: Sequence[str]) -> list[str]:
        if self.kind == "built-in":
            return [f"corpus = el.builtin({self.name!r})"]
        if self.kind == "file":
            return self._file(self.name, "the path of your file")
        if self.kind == "frame":
            return [f"corpus = el.from_frame(frame{self._chosen()})  # your data frame"]
        if texts and not self.beside and sum(map(len, texts)) <= MOST_WRITTEN:
            return ["corpus = el.from_texts([", *(f"    {text!r}," for text in texts), "])"]
        if self.kind == "pasted":
            return self._file("pasted text.txt", "the lines that you pasted, saved as this file")
        return ["corpus = el.from_texts(texts)  # your list of texts"]

    def _file(self, path: str, told: str) -> list[str]:
        """Return the lines that read a file, with what was said of its layout, and vectors beside it."""
        said = arguments(self.layout.facts())
        if not self._by_table:
            layout = f", {said}" if said else ""
            return [f"corpus = el.read({path!r}{self._chosen()}{layout})  # {told}"]
        layout = f", layout=FileLayout({said})" if said else ""
        vectors = [
            f"for name in {list(self.beside)!r}:",
            "    table = table.with_vectors(from_npy(Path(name).read_bytes(), name, len(table)))",
        ]
        return [
            f"table = read_table({path!r}{layout})  # {told}",
            *(vectors if self.beside else []),
            f"corpus = table.corpus({self._chosen().removeprefix(', ')})",
        ]

    def _chosen(self) -> str:
        """Return the arguments for the columns that were chosen against the guess."""
        columns = self.text or ()
        text = columns[0] if len(columns) == 1 else list(columns)
        told: dict[str, object] = {"text": text} if columns else {}
        told |= {} if self.label is None else {"label": self.label}
        return f", {arguments(told)}" if told else ""


def arguments(facts: Mapping[str, object]) -> str:
    """Return what stands between the brackets of a call."""
    return ", ".join(f"{name}={value!r}" for name, value in facts.items())


GIVEN = Origin()
"""Of texts that were in memory already."""
