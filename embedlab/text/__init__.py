"""What is done to a text before it is a vector: words, languages."""
