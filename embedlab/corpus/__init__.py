"""Texts in: the corpus, the readers of files, the built-in data sets."""

from embedlab.corpus.corpus import Column, Corpus, Note, frozen, well_formed

__all__ = ["Column", "Corpus", "Note", "frozen", "well_formed"]
