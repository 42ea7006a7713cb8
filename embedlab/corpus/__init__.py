"""Texts in: the corpus, the readers of files, the built-in data sets."""

from embedlab.corpus.corpus import Column, Corpus, Note

__all__ = ["Column", "Corpus", "Note"]
