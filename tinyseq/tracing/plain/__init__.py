"""The ops once more, in plain Python: lists, numbers and the math module. No array library stands behind them.

Reading order: arrays.py (a shape and a list), formulas.py (what one number is computed from others by, the slopes, and
how it is written with numbers put in), arranging.py and computing.py (which numbers each entry of an op's result is
made of). With these a row of a trace is checked, and shown, entry by entry.
"""
from tinyseq.tracing.plain.arrays import Array
from tinyseq.tracing.plain.run import backward, entries_of, forward, is_known

__all__ = ["Array", "backward", "entries_of", "forward", "is_known"]
