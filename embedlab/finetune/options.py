"""The ways there are from texts to labels, from the cheapest to the dearest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """One way from texts to labels, and what there is to know of it before one takes it."""

    name: str
    cost: str
    data: str
    risk: str
    when: str


OPTIONS = (
    Option(
        "Frozen as it is",
        "None: the vectors are made once.",
        "No labels.",
        "It knows what is alike in general, which may not be what your labels are about.",
        "Search, maps and clusters; as long as nobody has labelled anything.",
    ),
    Option(
        "Prototypes or k-NN on frozen vectors",
        "Seconds; nothing is trained, and a new class is added at once.",
        "1 to 10 labels a class.",
        "Classes that differ in a detail run into one another; k-NN keeps all labelled vectors.",
        "Few labels, or classes that come and go.",
    ),
    Option(
        "Linear probe on frozen vectors",
        "Seconds for thousands of labels.",
        "About 5 labels a class and more.",
        "It can only use what the vectors hold; the vectors stay good for everything else.",
        "The first thing to try, and what every other road has to beat.",
    ),
    Option(
        "Adapter: a small part is trained, the model stays",
        "Minutes, less memory than training all of it; a few megabytes for each task.",
        "Tens of labels a class.",
        "Less to gain than from training all of it, and less to forget; one more part to keep. Not built in here: "
        "training few layers comes nearest.",
        "Many tasks on one model.",
    ),
    Option(
        "Fine-tuned",
        "Minutes on a CPU for a small model and a thousand texts, hours for many; all vectors are made anew.",
        "10 labels a class and more, or a thousand pairs.",
        "It may learn wrong labels by heart, forget what it knew of other texts, and win nothing that can be measured.",
        "The labels need what the frozen vectors don't hold, and an interval says that it helps.",
    ),
)
"""From the cheapest to the dearest. Costs and numbers are rules of thumb; the measurements beside them are not."""
