"""Whether two sets of texts differ, where, and since when."""
