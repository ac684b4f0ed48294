"""The cupy backend, as far as it can be tried without a GPU."""
import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# CuPy's own tracer turns a fused function into the source of a kernel. It looks at dtypes and axes alone, so arrays in
# memory that does not exist will do; and a GPU that answers is pretended, so that tinyseq chooses CuPy.
TRACE = """
import gc, inspect, math
from types import SimpleNamespace
import cupy
from cupy._core import _fusion_thread_local, fusion
from cupy.cuda.memory import MemoryPointer, UnownedMemory

cupy.zeros = lambda n: SimpleNamespace(sum=lambda: SimpleNamespace(item=lambda: 0))
import tinyseq as ts
from tinyseq import layers, ops, optim
assert ts.backend.name == "cupy" and ts.xp is cupy

def array(dtype="float32", shape=(2, 3)):
    return cupy.ndarray(shape, dtype, memptr=MemoryPointer(UnownedMemory(4096, 8 * math.prod(shape), None, 0), 0))

for f in gc.get_objects():
    if isinstance(f, fusion.Fusion):
        here = _fusion_thread_local.thread_local
        here.history, here.is_old_fusing = fusion._FusionHistory(), True
        arguments = [array() for _ in inspect.signature(f.func).parameters]
        kernel, _ = here.history.get_fusion(f.func, arguments, f.name)
        here.history, here.is_old_fusing = None, False
        assert "static_cast< double >" not in kernel.operation, (f.name, kernel.operation)
        print(f.func.__module__, f.name, kernel.operation.count("// op"))
"""


def exported(backend):
    """The names in __all__ of tinyseq/backend/on_BACKEND.py."""
    tree = ast.parse((ROOT / f"tinyseq/backend/on_{backend}.py").read_text("utf-8"))
    return next(ast.literal_eval(node.value) for node in tree.body
                if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__")


def test_every_backend_offers_the_same():
    assert exported("cupy") == exported("strict") == [name for name in exported("numpy") if name != "scatter_add"]


@pytest.mark.cupy
def test_every_fused_function_becomes_one_kernel_that_keeps_its_precision():
    environment = {**os.environ, "TINYSEQ_BACKEND": "cupy"}
    done = subprocess.run([sys.executable, "-c", TRACE], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    kernels = {tuple(line.split()[:2]) for line in done.stdout.splitlines()}
    cells = {module.rpartition(".")[2] for module, _ in kernels}
    assert {"rnn", "lstm", "gru", "gru_cudnn"} <= cells and len(kernels) >= 12
