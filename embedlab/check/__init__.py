"""What is wrong with a corpus, and how two corpora differ."""
