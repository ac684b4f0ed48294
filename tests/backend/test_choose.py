"""Which backend is chosen, tried in processes of their own: the choice is made once, at import."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NO_CUPY = "import sys; sys.modules['cupy'] = None; "                # as if CuPy were not installed


def imported(value, before="", after="import tinyseq.backend as b; print(b.name)"):
    environment = {k: v for k, v in os.environ.items() if k != "TINYSEQ_BACKEND"}
    if value is not None:
        environment["TINYSEQ_BACKEND"] = value
    return subprocess.run([sys.executable, "-c", before + after], env=environment, cwd=ROOT, capture_output=True,
                          text=True)


@pytest.mark.parametrize("value", [None, "numpy", "auto"])
def test_numpy_is_the_default_and_what_auto_falls_back_to(value):
    assert imported(value, NO_CUPY).stdout == "numpy\n"


@pytest.mark.parametrize("value, reason", [("torch", "there is no such backend"), ("", "there is no such backend"),
                                           ("NumPy", "no such backend"), ("cupy", "CuPy cannot be imported")])
def test_what_cannot_be_stops_the_import_with_one_sentence(value, reason):
    done = imported(value, NO_CUPY)
    assert done.returncode == 1
    *_, last = done.stderr.strip().splitlines()
    assert last.startswith(f"tinyseq.backend.choose.BackendError: TINYSEQ_BACKEND={value!r} cannot be used because")
    for part in (reason, "valid values are numpy, cupy, auto, strict", "pip install cupy-cuda13x"):
        assert part in last


def test_the_error_is_an_import_error():
    after = "\ntry:\n    import tinyseq.backend\nexcept ImportError as error:\n    print('one sentence:', error)"
    assert imported("cupy", NO_CUPY, after).stdout.count("\n") == 1


def test_cupy_without_a_gpu_gives_the_reason():
    broken = ("import sys, types; cupy = types.ModuleType('cupy')\n"
              "def zeros(n): raise RuntimeError('no device\\nfound')\n"
              "cupy.zeros = zeros; sys.modules['cupy'] = cupy\n")
    done = imported("cupy", broken)
    assert "CuPy finds no usable GPU (no device found)" in done.stderr.splitlines()[-1]
    assert imported("auto", broken).stdout == "numpy\n"
