"""The architecture, as a test: which room may import which, and how long a file may be.

Reading order is import order: a room may import only rooms above it in TABLE. Change the table, not the code
below it.
"""
import ast
import io
import tokenize
from importlib.util import resolve_name
from pathlib import Path

import pytest

TABLE = [                                              # rooms in reading order; lines of code a file may have
    (["backend"], 200),
    (["rowgrad"], 100),
    (["anomaly"], 100),
    (["autograd"], 250),
    (["ops"], 200),
    (["checks"], 200),
    (["layers"], 200),
    (["layers.recurrent", "layers.attention"], 200),   # rooms of one row do not know each other
    (["layers.transformer"], 200),
    (["layers.seq2seq", "layers.images"], 200),
    (["files", "interop"], 150),
    (["optim"], 120),
    (["data"], 200),
    (["decoding"], 150),
    (["pictures"], 200),
    (["training"], 200),
    (["models"], 110),
    (["tracing"], 200),
    (["errata", "exercises"], 200),
    (["cli", "__main__", "__init__"], 300),            # the front door: these three may import everything
]
IMPORTED_BY = {                                        # libraries, and the only rooms that may name them
    "numpy": ["backend"],
    "cupy": ["backend"],
    "cupyx": ["backend"],
    "matplotlib": ["pictures"],                        # and there inside functions only: it is slow to import
    "torch": [],                                       # an oracle of tests and benchmarks, never a dependency
}
XP_ALONE = ["autograd", "ops", "layers", "optim"]      # may not use backend.host: they also run on a GPU
PAGES = ["models"]                                     # the files of these rooms do not import each other

ROW = {room: i for i, (rooms, _) in enumerate(TABLE) for room in rooms}
LIMIT = {room: limit for rooms, limit in TABLE for room in rooms}
FRONT_DOOR = TABLE[-1][0]
ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "tinyseq").rglob("*.py"))


# Names ------------------------------------------------------------------------------------------------------

def module_of(path):
    """"tinyseq/ops/norm.py" -> "tinyseq.ops.norm"; a package's __init__.py is the package itself."""
    return ".".join(Path(path).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path.relative_to(ROOT)) for path in FILES}


def room_of(module):
    """The longest name in TABLE that `module` begins with; None if it stands in no room."""
    parts = module.split(".")[1:] or ["__init__"]
    names = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
    return next((name for name in names if name in ROW), None)


def is_inside(module, room):
    return f"{module}.".startswith(f"tinyseq.{room}.")


# Imports ----------------------------------------------------------------------------------------------------

def imports(tree, package):
    """Every (node, full dotted name) that the source imports; `from a import b` gives "a.b"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            origin = resolve_name("." * node.level + (node.module or ""), package)
            for alias in node.names:
                yield node, f"{origin}.{alias.name}"
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            if ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
                yield node, str(node.args[0].value)
        elif isinstance(node, ast.Attribute) and ast.unparse(node) == "backend.host":
            yield node, "tinyseq.backend.host"


def runs_on_import(tree):
    """The nodes outside functions, and outside `if TYPE_CHECKING:`, which never runs."""
    later = {id(inner) for node in ast.walk(tree)
             if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
             or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
             for inner in ast.walk(node)}
    return {id(node) for node in ast.walk(tree)} - later


def complaints(source, path):
    """What is wrong with the imports of the file at `path`, a line for each."""
    tree, module = ast.parse(source), module_of(path)
    package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
    at_import = runs_on_import(tree)
    found = []
    for node, name in imports(tree, package):
        if name.split(".")[0] == "tinyseq":
            fault = fault_of_arrow(module, package, name)
        else:
            fault = fault_of_library(room_of(module), name.split(".")[0], id(node) in at_import)
        if fault:
            found.append(f"{path}, line {node.lineno}: {fault}")
    return found


def fault_of_library(room, library, at_import):
    rooms = IMPORTED_BY.get(library, [room])
    if room not in rooms:
        use = "; write `from tinyseq.backend import xp`" if rooms == ["backend"] else ""
        return f"only {rooms[0] + '/' if rooms else 'tests and benchmarks'} may import {library}{use}"
    if library == "matplotlib" and at_import:
        return "matplotlib is slow to import: import it inside the function that draws"
    return None


def fault_of_arrow(module, package, name):
    room, target = room_of(module), room_of(name) or "__init__"
    if room.split(".")[0] in XP_ALONE and is_inside(name, "backend.host"):
        return f"{room} computes with `xp` alone, so that it runs on a GPU; backend.host is always NumPy"
    if room in FRONT_DOOR:
        return None
    if module == package and is_inside(name, module.removeprefix("tinyseq.")):
        return None                                    # a package's __init__.py shows what its rooms hold
    if room in PAGES and target == room:
        return f"a page of {room} does not import another: what two of them need belongs in a room above"
    if is_inside(module, "layers") and name.rpartition(".")[0] == "tinyseq.layers" and name not in MODULES:
        return "inside layers/ import from the file that defines it: layers/__init__.py holds all its rooms"
    if target != room and ROW[target] >= ROW[room]:
        return (f"room {room} may not import room {target}: only rooms above it in the table of "
                "tests/test_rooms.py. Move what both need up, or this code down")
    return None


# Sizes ------------------------------------------------------------------------------------------------------

SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE,
          tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}      # tokens that are no code


def lines_of_code(source):
    """How many lines hold code: no blanks, comments or docstrings (any statement that is only a string)."""
    strings = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr)
               and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)]
    docstrings = {line for node in strings for line in range(node.lineno, node.end_lineno + 1)}
    code = [token for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type not in SILENT
            and not (token.type == tokenize.STRING and token.start[0] in docstrings)]
    return len({line for token in code for line in range(token.start[0], token.end[0] + 1)})


# The project ------------------------------------------------------------------------------------------------

ALL = [str(path.relative_to(ROOT)) for path in FILES]
in_a_room = pytest.mark.parametrize("path", [path for path in ALL if room_of(module_of(path))])


def test_every_file_stands_in_a_room():
    lost = [path for path in ALL if not room_of(module_of(path))]
    assert not lost, f"{lost}: move to a room of the table of tests/test_rooms.py, or add a row to it"


@in_a_room
def test_file_imports_only_what_the_table_allows(path):
    found = complaints((ROOT / path).read_text(encoding="utf-8"), path)
    assert not found, "\n".join(found)


@in_a_room
def test_file_is_no_longer_than_its_room_allows(path):
    limit = LIMIT[room_of(module_of(path))]
    lines = lines_of_code((ROOT / path).read_text(encoding="utf-8"))
    assert lines <= limit, f"{path} has {lines} lines of code and its room allows {limit}: split it"


# The checker itself -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("path, source, word", [
    ("tinyseq/ops/norm.py", "from tinyseq.layers.module import Module", "may not import room layers"),
    ("tinyseq/ops/norm.py", "from tinyseq import layers", "may not import room layers"),
    ("tinyseq/ops/norm.py", "from ..layers import Module", "may not import room layers"),
    ("tinyseq/ops/norm.py", "from .. import layers", "may not import room layers"),
    ("tinyseq/ops/__init__.py", "from ..layers import Module", "may not import room layers"),
    ("tinyseq/ops/norm.py", "import tinyseq.layers.module as m", "may not import room layers"),
    ("tinyseq/ops/norm.py", "def f():\n    import tinyseq.layers", "may not import room layers"),
    ("tinyseq/ops/norm.py", "import importlib\nimportlib.import_module('tinyseq.layers')", "room layers"),
    ("tinyseq/ops/norm.py", "import tinyseq as ts", "may not import room __init__"),
    ("tinyseq/ops/norm.py", "from tinyseq import Tensor", "may not import room __init__"),
    ("tinyseq/files.py", "from tinyseq.interop import to_pytorch", "may not import room interop"),
    ("tinyseq/layers/linear.py", "from tinyseq.layers.recurrent import LSTM", "room layers.recurrent"),
    ("tinyseq/layers/linear.py", "from tinyseq.layers import LSTM", "the file that defines it"),
    ("tinyseq/layers/recurrent/lstm.py", "from tinyseq.layers import MultiHeadAttention", "that defines it"),
    ("tinyseq/layers/recurrent/lstm.py", "from ..attention import mask", "room layers.attention"),
    ("tinyseq/layers/attention/heads.py", "from tinyseq.layers.recurrent import LSTM", "layers.recurrent"),
    ("tinyseq/layers/recurrent/gru.py", "from ..transformer import Block", "room layers.transformer"),
    ("tinyseq/models/char_gru.py", "from tinyseq.models.char_rnn import TINY", "does not import another"),
    ("tinyseq/models/char_gru.py", "from . import char_rnn", "does not import another"),
    ("tinyseq/training/loop.py", "from tinyseq.models import char_rnn", "may not import room models"),
    ("tinyseq/layers/linear.py", "import numpy as np", "only backend/ may import numpy"),
    ("tinyseq/data/text.py", "from numpy.random import default_rng", "only backend/ may import numpy"),
    ("tinyseq/cli.py", "def f():\n    import cupy", "only backend/ may import cupy"),
    ("tinyseq/interop/weights.py", "import torch", "only tests and benchmarks may import torch"),
    ("tinyseq/training/loop.py", "def f():\n    import matplotlib.pyplot as plt", "only pictures/"),
    ("tinyseq/pictures/loss.py", "import matplotlib.pyplot as plt", "inside the function"),
    ("tinyseq/optim/adam.py", "from tinyseq.backend import host", "alone"),
    ("tinyseq/autograd.py", "from tinyseq.backend.host import np", "alone"),
    ("tinyseq/layers/recurrent/gru.py", "from ...backend import host", "alone"),
    ("tinyseq/ops/norm.py", "from tinyseq import backend\nbackend.host.np.exp(1)", "alone"),
])
def test_checker_finds_a_forbidden_import(path, source, word):
    found = complaints(source, path)
    assert len(found) == 1 and word in found[0] and path in found[0], found


@pytest.mark.parametrize("path, source", [
    ("tinyseq/backend/choose.py", "import numpy as np\nimport cupy"),
    ("tinyseq/ops/norm.py", "import math\nfrom tinyseq.autograd import op\nfrom ..backend import xp"),
    ("tinyseq/ops/norm.py", "from tinyseq.ops.reduce import mean\nfrom .reduce import total"),
    ("tinyseq/layers/__init__.py", "from tinyseq.layers.recurrent import LSTM\nfrom . import heads"),
    ("tinyseq/layers/transformer.py", "from .recurrent import LSTM\nfrom .attention import heads"),
    ("tinyseq/layers/recurrent/lstm.py", "from tinyseq.layers.module import Module\nfrom . import stack"),
    ("tinyseq/models/__init__.py", "from tinyseq.models.char_rnn import CharRNN"),
    ("tinyseq/models/char_rnn.py", "from tinyseq.layers import RNN\nfrom tinyseq.training import tasks"),
    ("tinyseq/data/text.py", "from tinyseq.backend import host"),
    ("tinyseq/pictures/loss.py", "def draw():\n    import matplotlib.pyplot as plt"),
    ("tinyseq/pictures/loss.py", "if TYPE_CHECKING:\n    from matplotlib.figure import Figure"),
    ("tinyseq/exercises/check.py", "from tinyseq import models"),
    ("tinyseq/cli.py", "import tinyseq\nfrom tinyseq import models, training"),
    ("tinyseq/__init__.py", "from tinyseq.autograd import Tensor\nfrom . import layers"),
    ("tinyseq/__main__.py", "from tinyseq.cli import main"),
])
def test_checker_allows_what_the_table_allows(path, source):
    assert complaints(source, path) == []


def test_only_the_rooms_below_the_models_may_import_them():
    source = "from tinyseq.models import char_rnn"
    allowed = {room for room in ROW if not complaints(source, f"tinyseq/{room.replace('.', '/')}.py")}
    assert allowed == {"tracing", "errata", "exercises", "cli", "__main__", "__init__"}


def test_a_file_outside_the_table_stands_in_no_room():
    assert room_of("tinyseq.helpers") is None
    assert room_of("tinyseq.layers.recurrent.lstm") == "layers.recurrent"
    assert room_of("tinyseq.layers.transformers") == "layers"


def test_lines_of_code_leaves_out_blanks_comments_and_docstrings():
    source = '''"""A page.

Its second paragraph.
"""
import math                     # counted (1)

# a comment


def f(x):                       # counted (2)
    """One line."""
    text = """counted (3)

    and this (5)"""
    return math.exp(            # counted (6)
        # a comment in the middle

        x), text                # counted (7)


class Empty: "Made with nothing"    # counted (8)
'''
    assert lines_of_code(source) == 8
