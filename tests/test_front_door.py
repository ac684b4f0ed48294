"""`import tinyseq`: what it brings along, what it holds, what it says of names that it does not hold."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tinyseq

ROOT = Path(__file__).parents[1]


def printed(code, **environment):
    """What a fresh process prints."""
    environment = {**os.environ, "TINYSEQ_BACKEND": "numpy", **environment}
    return subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, check=True, capture_output=True,
                          text=True).stdout


def test_the_import_is_of_the_backend_alone():
    code = "import sys; before = set(sys.modules); import numpy; before |= set(sys.modules); import tinyseq\n" \
           "print(*sorted({n.split('.')[0] for n in set(sys.modules) - before}), '|', " \
           "*sorted(n for n in sys.modules if n.startswith('tinyseq.')))"
    libraries, _, rooms = printed(code).partition("|")
    assert not {"matplotlib", "safetensors", "tqdm", "threadpoolctl", "concurrent", "argparse", "urllib"} & set(
        libraries.split())
    assert {room.split(".")[1] for room in rooms.split()} == {"backend"}


def test_the_command_line_reads_its_arguments_without_the_heavy_libraries():
    code = "import sys; from tinyseq.cli import parser; parser().parse_args(['sample', 'run'])\n" \
           "print(*[n for n in ('matplotlib', 'safetensors', 'tqdm', 'threadpoolctl') if n in sys.modules])"
    assert printed(code).split() == []


def test_every_public_name_resolves_in_a_fresh_process():
    code = "import tinyseq\nfor name in tinyseq.__all__: print(name, getattr(tinyseq, name) is not None)"
    lines = printed(code).splitlines()
    assert lines == [f"{name} True" for name in tinyseq.__all__]


@pytest.mark.parametrize("name", tinyseq.__all__)
def test_every_name_can_be_the_first_that_is_asked_for(name):
    assert getattr(tinyseq, name) is getattr(tinyseq, name)


def test_a_tensor_computes_whatever_was_imported_first():
    assert printed("import tinyseq as ts; x = ts.tensor([1.0, 2.0]); print((x * x + 1).sum().item())") == "7.0\n"


def test_from_tinyseq_import_works_for_rooms_and_for_names():
    assert printed("from tinyseq import layers, gradcheck, models; print(layers.LSTM.__name__, gradcheck.__name__, "
                   "models.NAMES[0])") == "LSTM gradcheck char_rnn\n"


@pytest.mark.parametrize("name", ["tensr", "Layers", "_nothing"])
def test_an_unknown_name_is_an_attribute_error_that_names_it(name):
    with pytest.raises(AttributeError, match=f"tinyseq has no attribute '{name}'"):
        getattr(tinyseq, name)
    assert not hasattr(tinyseq, name)


def test_dir_lists_the_rooms_and_the_names():
    assert set(tinyseq.__all__) <= set(dir(tinyseq))
    rooms = {path.name for path in (ROOT / "tinyseq").iterdir() if (path / "__init__.py").is_file()}
    assert rooms <= set(dir(tinyseq))


def test_the_version_is_the_packages():
    assert tinyseq.__version__.count(".") == 2
    assert printed("import runpy, sys; sys.argv = ['tinyseq', '--version']\n"
                   "try: runpy.run_module('tinyseq', run_name='__main__')\nexcept SystemExit: pass"
                   ) == f"tinyseq {tinyseq.__version__}\n"
