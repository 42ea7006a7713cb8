"""Cut texts: their end is missing, in the file or because the model's window ends."""

from __future__ import annotations

from collections.abc import Iterator

from embedlab.check.base import Checked, Finding, FindingKind, Line, ShownTexts
from embedlab.check.cuts import sentences
from embedlab.check.outliers import usual

END = 120  # characters of the end of a text


class CutTexts(FindingKind):
    """Texts whose end is missing (`embedlab.check.cuts`)."""

    key = "cut"
    title = "Cut texts"
    limits = (0.01, 0.2)
    heads = ("Cut", "Characters", "How it ends")
    offer = None

    def found(self, checked: Checked) -> Finding:
        """Count the texts that are cut in one way or the other."""
        cut, of = checked.cuts, checked.texts
        told, *more = sentences(cut, of)
        colours = (("by the model", cut.over), ("in the file", cut.rows))
        return self.summed(told, cut.all, of, " ".join(more), usual=usual(len(cut.all), of), colours=colours)

    def lines(self, checked: Checked, shown: ShownTexts) -> Iterator[Line]:
        """Yield each text that is cut, with its end."""
        found, texts = checked.cuts, checked.space.corpus.texts
        in_file, over = set(found.rows.tolist()), set(found.over.tolist())
        for row in found.all.tolist():
            ways = [name for name, rows in (("in the file", in_file), ("by the model", over)) if row in rows]
            text = shown.whole(row)
            end = text if len(text) <= END else f"…{text[-END:]}"
            yield Line((" and ".join(ways), len(texts[row]), end), (row,))

    def advice(self, checked: Checked) -> Iterator[str]:
        """Say what to do about them: nothing that leaves them out."""
        if len(checked.cuts.rows):
            yield "Nothing here brings the end of a text back: get the whole texts from where they come from."
        if len(checked.cuts.over):
            yield "For what the model does not see, choose one with a longer window, or part long texts."
