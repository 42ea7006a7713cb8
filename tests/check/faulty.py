"""A corpus with one fault of each kind, whose places are known."""

from __future__ import annotations

import numpy as np

from embedlab.corpus import Column, Corpus

KINDS = ("aaaa", "bbbb", "cccc")
EACH = 12
COPY, NEAR, WRONG, CARD, ODD = 36, 37, 5, 38, 39
VISA = "4111 1111 1111 1111"  # a test number of the payment industry


def faulty() -> Corpus:
    """Return 36 texts of three topics, then a copy of row 0, a near-copy of row 13, a card number and a shout.

    Row 5 has a wrong label. Rows 0 to 29 are to learn from, the others are asked about.
    """
    words = ("alpha", "bravo", "carol", "delta", "early", "frost", "giant", "hotel", "index", "joker", "karma", "lemon")
    texts = [f"{kind} {kind} {kind} {kind} {words[at]} {words[at]}" for kind in KINDS for at in range(EACH)]
    topics: list[str | None] = [kind[0] for kind in KINDS for _ in range(EACH)]
    topics[WRONG] = "b"
    texts += [texts[0].upper(), texts[13].replace("bravo bravo", "brava bravo"), f"cccc cccc card {VISA}", "h" * 90]
    topics += ["a", "b", "c", None]
    sides = ["train"] * 30 + ["test"] * 10
    columns = (
        Column("topic", "category", np.array(topics, dtype=object)),
        Column("side", "category", np.array(sides, dtype=object)),
    )
    rows = np.arange(len(texts), dtype=np.intp) + 100
    return Corpus("faulty", tuple(texts), columns, rows, rows_read=200, label="topic")
