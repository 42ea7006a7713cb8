"""Many texts put to one endpoint: batches that it takes, halves where it fails, what it can't read left out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from embedlab.base.errors import EmbedlabError
from embedlab.encoders.base import Vectors
from embedlab.encoders.capabilities import Readable
from embedlab.encoders.remote import connection as connections
from embedlab.encoders.remote.answers import TRIES, RefusedError, SlowError
from embedlab.encoders.remote.connection import Connection

MOST_CHARACTERS = 100_000  # in one request, unless a single text has more
SLOW_TRIES = 4
MOST_CUTS = 40
NEAR = 0.8
"""A text that is cut is cut to this share, at least, of the longest that is read."""


class Reading:
    """One call of an encoder: vectors for `texts`, whose first `prompt` characters aren't the user's.

    A batch that is refused, fails or is too slow is tried in halves. A text that fails alone, while a short text is
    still answered, is one that the endpoint can't read: with `leave_out` it is left out, otherwise `EmbedlabError` is
    raised. Texts over its limit are cut where the endpoint's settings ask for that.
    """

    def __init__(self, connection: Connection, texts: Sequence[str], prompt: int, leave_out: bool) -> None:
        self._connection, self._texts, self._prompt, self._leave_out = connection, texts, prompt, leave_out
        self._learnt = connection.learnt
        self._made: Vectors = np.full((len(texts), connection.dimensions), np.nan, dtype=np.float32)
        self._refused: dict[int, str] = {}
        self._cut: list[int] = []
        self._slow = 0

    def done(self) -> Readable:
        """Read all, and return what could be read."""
        self._part(range(len(self._texts)), len(self._texts))
        return Readable(self._made, self._refused, tuple(self._cut))

    def _part(self, rows: range, most: int, doubted: bool = False) -> bool:
        """Read some rows, `most` at once or what the endpoint takes; return whether all of them could be read."""
        whole = True
        while rows:
            size = self._first(rows, most)
            whole &= self._batch(rows[:size], doubted)
            rows = rows[size:]
        return whole

    def _first(self, rows: range, most: int) -> int:
        """Return how many of the first rows go into one request: at least one."""
        count = min(most, self._connection.most)
        room = min(MOST_CHARACTERS, self._learnt.characters or MOST_CHARACTERS)
        lengths = itertools.accumulate(len(self._texts[row]) for row in rows[:count])
        return max(1, sum(length <= room for length in lengths))

    def _batch(self, rows: range, doubted: bool) -> bool:
        try:
            texts = [self._texts[row] for row in rows]
            self._made[rows.start : rows.stop] = self._connection.ask(texts, TRIES, self._prompt, doubted)
        except RefusedError as refused:
            if len(rows) == 1:
                return self._alone(rows.start, refused)
            whole = self._part(rows, refused.most or len(rows) // 2, doubted=True)
            if whole:
                self._learn(rows, refused)
            return whole
        except SlowError:
            return self._too_slow(rows, doubted)
        self._slow = 0
        self._learnt.accepted = max(self._learnt.accepted, len(rows))
        return True

    def _learn(self, rows: range, refused: RefusedError) -> None:
        """Remember that these were too many at once, or too long together: each of them could be read."""
        too_many = refused.about == "size" or (not refused.about and len(rows) > self._learnt.accepted)
        if too_many:
            self._learnt.most = min(self._connection.most, refused.most or len(rows) // 2)
        else:
            length = sum(len(self._texts[row]) for row in rows)
            self._learnt.characters = min(self._learnt.characters or MOST_CHARACTERS, max(1, length // 2))

    def _too_slow(self, rows: range, doubted: bool) -> bool:
        """Go on with half as many texts; give up where nothing else is answered in time either."""
        self._slow += 1
        if self._slow >= SLOW_TRIES:
            if not self._connection.answers():
                raise EmbedlabError(
                    f"{self._connection.subject} did not answer within {connections.READ_SECONDS:g} seconds, "
                    f"{self._slow} times in a row: see what it is busy with, or set a smaller batch."
                ) from None
            self._slow = 0
            if len(rows) == 1:
                said = f"no answer within {connections.READ_SECONDS:g} seconds"
                return self._alone(rows.start, RefusedError(said, 0, confirmed=True))
        if len(rows) == self._connection.most > 1:
            self._learnt.most = self._connection.most // 2
        self._connection.sleep(self._connection.pause(max(0, self._slow - 1)))
        return self._part(rows, max(1, len(rows) // 2), doubted)

    # --- A text alone ---

    def _alone(self, row: int, refused: RefusedError) -> bool:
        """Cut the text, or leave it out; return whether it was read at last."""
        endpoint, text = self._connection.endpoint, self._texts[row][self._prompt :]
        too_long = refused.about == "length" and not refused.confirmed
        if too_long and endpoint.truncate and self._shortened(row, refused):
            self._cut.append(row)
            return True
        if not refused.confirmed and not self._connection.answers():
            raise EmbedlabError(
                f"{self._connection.subject} refuses even a short text by now ({refused}): see what has changed there, "
                "then start again; what was done is kept."
            ) from None
        self._learnt.spoilt = True
        if not self._leave_out:
            advice = "shorten that text or leave it out"
            more = ", or let it be cut (truncate = true)" if too_long and not endpoint.truncate else ""
            verb = "can't read" if refused.confirmed else "refuses"
            raise EmbedlabError(
                f"{self._connection.subject} {verb} the text “{text[:60]}” ({refused}): {advice}{more}."
            ) from None
        self._refused[row] = str(refused)
        return False

    def _shortened(self, row: int, refused: RefusedError) -> bool:
        """Read as much of a text's beginning as the endpoint takes, to within a fifth; return whether any was."""
        before, own = self._texts[row][: self._prompt], self._texts[row][self._prompt :]
        read, too_long = 0, len(own)
        size = guess = int(0.95 * refused.ratio * len(own)) or min(self._learnt.readable, len(own) - 1)
        for _ in range(MOST_CUTS):
            size = size or (read + too_long) // 2
            if size <= read:
                break
            try:
                self._made[row] = self._connection.ask([before + own[:size]], TRIES, self._prompt, True)[0]
            except (RefusedError, SlowError):
                too_long = size
            else:
                read = self._learnt.readable = size
                if size == guess or read >= NEAR * too_long:
                    break
            size = 0
        return read > 0
