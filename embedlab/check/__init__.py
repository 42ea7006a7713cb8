"""What is wrong with a corpus, before anyone builds on it."""
