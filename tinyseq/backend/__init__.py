"""The only room that names numpy or cupy.

    xp            the array module in force: numpy or cupy, or their rehearsal (strict/)
    name          its name, chosen once by TINYSEQ_BACKEND (choose.py)
    to_host       any array -> NumPy array          to_device    anything -> array of xp
    scatter_add   sums rows that share an index, with the same bits every time (scatter.py)
    fuse          makes one kernel of a pointwise function where that pays (cupy), else leaves it alone
    workspace     an uninitialised array in reused memory (pool.py)
    like          the same, laid out as another array is; plus: a + b there (memory.py)
    pieces        slices of a long axis that stay in a core's cache (pieces.py)
    saved         saved(held, name) -> token: while the token lives, the strict backend lets nobody write into an array
                  that `held` reaches (a backward closure, a list of gradients); elsewhere it does nothing
    dropout_bits  the random numbers behind every mask (random.py)
"""
from tinyseq.backend.choose import BackendError, choose

name = choose()
if name == "cupy":
    from tinyseq.backend.on_cupy import device, fuse, peak_memory, saved, to_device, to_host, workspace, xp
elif name == "strict":
    from tinyseq.backend.on_strict import device, fuse, peak_memory, saved, to_device, to_host, workspace, xp
else:
    from tinyseq.backend.on_numpy import device, fuse, peak_memory, saved, to_device, to_host, workspace, xp

# These compute with xp, so they come after it.
if name == "numpy":
    from tinyseq.backend.on_numpy import scatter_add
else:
    from tinyseq.backend.scatter import scatter_add
from tinyseq.backend.memory import copied, like, memory_order, plus  # noqa: E402
from tinyseq.backend.pieces import pieces  # noqa: E402
from tinyseq.backend.random import at_step, dropout_bits, manual_seed, normal, seeded, uniform  # noqa: E402

__all__ = ["BackendError", "at_step", "copied", "device", "dropout_bits", "fuse", "like", "manual_seed", "memory_order",
           "name", "normal", "peak_memory", "pieces", "plus", "saved", "scatter_add", "seeded", "to_device", "to_host",
           "uniform", "workspace", "xp"]
