"""A GPU's manners without a GPU: arrays that compute with NumPy and refuse what CuPy refuses or does differently.

    rules.py              StrictError, and what makes an argument wrong
    synchronisations.py   counts the places where the host would wait for the device
    memory.py             which memory an array looks into, and who saved it for a backward pass
    array.py              Array, the stand-in for cupy.ndarray
    indexing.py           its [...], read and written
    calls.py              calling a ufunc, a function or a method of NumPy by CuPy's signature
    operators.py          +, -, ... and the methods of Array
    fusing.py             what a function that becomes one kernel may contain
    namespace.py          xp: the names that CuPy has (cupy_api.json), and no others
"""
from tinyseq.backend.strict.namespace import xp
from tinyseq.backend.strict.operators import Array
from tinyseq.backend.strict.rules import StrictError
from tinyseq.backend.strict.synchronisations import synchronisations

__all__ = ["Array", "StrictError", "synchronisations", "xp"]
