"""Words ready to be asked about: embedded once for each model and list, as work that can be watched and stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from embedlab.base.english import counted
from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Report
from embedlab.corpus import Corpus
from embedlab.encoders.store import opened
from embedlab.pipeline import EmbeddingChoice, encoder_of
from embedlab.words.analogies import Words
from embedlab.words.lists import seen_by, words_of_model, words_of_texts
from pages.app.jobs import say
from pages.app.widgets import awaited

MODEL, TEXTS, OWN, NONE = "The model's words", "Words of the texts", "My own list", "None"
# A model that tells no words is most often a remote one: each word is sent there.
MOST_SENT = 5_000


@dataclass(frozen=True, eq=False)
class Ready:
    """Words that can be asked about; `told` says which they are."""

    words: Words
    told: str


def ready(how: EmbeddingChoice, texts: Corpus, source: str, own: Sequence[str] = ()) -> Ready:
    """Return the words of `source`; until they are there, show how far it is and end this run of the page.

    With `NONE` there are no words to choose from, only a model to ask. Raises `EmbedlabError` where it isn't known
    which model made the vectors.
    """
    if not how.model:
        raise EmbedlabError(
            "These vectors came with the texts, and what made them is not known, so there is no model to ask about "
            "words: choose a model, or open the texts again and name it."
        )
    return _ready(how, texts, source, own)


@awaited("Stopped. The words embedded so far are kept: continuing starts where this ended.")
def _ready(report: Report, how: EmbeddingChoice, texts: Corpus, source: str, own: Sequence[str]) -> Ready:
    say(report, "Preparing the model")
    encoder = encoder_of(texts, how)
    words, told = _chosen(words_of_model(encoder), texts, source, own)
    with opened(encoder.card) as store:
        seen = seen_by(encoder, words, store, how.dimensions, report)
    lost = len(words) - len(seen.words)
    return Ready(seen, f"{told} The model could not read {counted(lost, 'word')}." if lost else told)


def _chosen(of_model: tuple[str, ...], texts: Corpus, source: str, own: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return the words of `source`, and which they are in a sentence."""
    if source == NONE:
        return (), ""
    if source == OWN:
        return tuple(own), f"{counted(len(own), 'word')} of your own list."
    if source == MODEL and of_model:
        return of_model, f"{counted(len(of_model), 'word')} that the model itself has as one piece."
    found = words_of_texts(texts.texts)
    if source == MODEL:
        found = found[:MOST_SENT]
        return found, f"This model doesn't tell its words: these are the {len(found):,} most frequent of your texts."
    return found, f"{counted(len(found), 'word')} of your texts, the most frequent ones first."
