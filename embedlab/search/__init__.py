"""Search: exact, quantised, by words and by both."""
