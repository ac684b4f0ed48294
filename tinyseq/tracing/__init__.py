"""The hand trace: what a model computes, number by number, in the symbols of the equations.

Reading order: source.py (what the source says about a line), twins.py, recorder.py (what happened), plain/ (the ops in
plain Python), rows.py, symbols.py, axes.py, derivatives.py, build.py (the rows of a ledger), arithmetic.py (numbers put
in), table.py, worksheet.py, graph.py, nodes.py, page.py and templates/ (the step-through page), ledger.py (all of it
together), small.py.
"""
from tinyseq.tracing.ledger import Ledger, trace
from tinyseq.tracing.small import tiny

__all__ = ["Ledger", "tiny", "trace"]
