"""What is written down about CuPy: that it is up to date, and that tinyseq uses nothing else."""
import ast
import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
API = json.loads((ROOT / "tinyseq/backend/strict/cupy_api.json").read_text("utf-8"))
CUPY = {*API["constants"], *API["ufuncs"], *API["functions"][""], *API["functions"], "ndarray", "lib"}
SOURCES = [path for path in sorted((ROOT / "tinyseq").rglob("*.py")) if "strict" not in path.parts]


def used(source):
    """Every name after `xp.`: "sum", "linalg", "linalg.norm"."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            words = ast.unparse(node).split(".")
            if words[0] == "xp" and all(word.isidentifier() for word in words):
                yield ".".join(words[1:])


def in_cupy(name):
    """Whether CuPy has xp.NAME, as far as it is written down."""
    module, _, last = name.rpartition(".")
    if module in API["functions"]:
        return last in API["functions"][module] or name in CUPY
    return module.split(".")[0] in CUPY                    # an attribute of something that is there: xp.float32.name


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_source_uses_only_what_cupy_has(path):
    assert [name for name in used(path.read_text("utf-8")) if not in_cupy(name)] == []


def test_the_search_finds_names_that_cupy_lacks():
    source = "def f(x):\n    return xp.sum(x) + xp.nanargpartition(xp.linalg.vecdot(x, x)) + xp.linalg.norm(x)"
    assert [name for name in used(source) if not in_cupy(name)] == ["nanargpartition", "linalg.vecdot"]


def test_the_version_is_one_that_the_extras_install():
    wanted = re.findall(r"cupy-cuda\d+x>=(\d+)\.(\d+)", (ROOT / "setup.cfg").read_text("utf-8"))
    assert len(wanted) == 2
    version = tuple(int(part) for part in API["version"].split(".")[:2])
    assert all(tuple(map(int, least)) <= version for least in wanted)


def test_the_file_is_part_of_the_package():
    assert "backend/strict/cupy_api.json" in (ROOT / "setup.cfg").read_text("utf-8")


@pytest.mark.cupy
def test_the_file_says_what_the_installed_cupy_offers():
    import cupy

    spec = importlib.util.spec_from_file_location("make_cupy_api", ROOT / "tests/strict/make_cupy_api.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.described(cupy) == API, "run python tests/strict/make_cupy_api.py, and look at what changed"
