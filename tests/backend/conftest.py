"""Tests of one backend's own machinery are collected where that backend computes."""
from tinyseq.backend import name

collect_ignore = [] if name == "numpy" else ["test_workspace.py"]
