"""The alternatives to a network that baselines.py measures: tables of counts, one page each."""
