"""Cases whose truth is known because it was planted, one module a subject; `benchmarks.truth` puts them together."""
