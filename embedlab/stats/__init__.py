"""Intervals, bootstrap, permutations and tests of two samples: numbers in, numbers out."""
