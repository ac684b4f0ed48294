"""A package by itself: benchmarks/trust.py, which some tests can see as well, has the same name."""
