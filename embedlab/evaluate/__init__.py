"""How good vectors are for labels, pairs and searches, and whether a difference is real."""
