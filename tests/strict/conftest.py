"""These tests try the strict backend itself, so they are collected where it computes: TINYSEQ_BACKEND=strict pytest."""
from tinyseq.backend import name

collect_ignore_glob = [] if name == "strict" else ["test_*.py"]
