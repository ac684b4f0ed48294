"""The project's outer shell: what installs, what the README promises, what an import costs."""
import configparser
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import tinyseq

ROOT = Path(__file__).parents[1]
CORE = {"numpy", "threadpoolctl", "safetensors", "tqdm", "matplotlib"}
EXTRAS = {
    "cuda12x": {"cupy-cuda12x"},
    "cuda13x": {"cupy-cuda13x"},
    "notebooks": {"jupyterlab", "nbclient", "ipykernel"},
    "test": {"pytest", "hypothesis", "sacrebleu"},
    "lint": {"ruff", "mypy"},
    "oracle": {"torch"},
    "tasks": {"sacrebleu", "scikit-learn"},
    "text": {"tokenizers"},
    "search": {"optuna"},
    "distributed": {"mpi4py", "mpich"},
    "browser": {"playwright"},
    "teach": {"nbgrader"},
}
TRAIN = "python3 -m venv .venv && .venv/bin/pip install --quiet -e . && .venv/bin/tinyseq train"
TEST = "python3 -m venv .venv && .venv/bin/pip install --quiet -e '.[test]' && .venv/bin/pytest"
HEAVY = ["matplotlib", "safetensors", "tqdm", "cupy", "torch"]


def setup_cfg():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def names(requirements):
    """The distributions of a list of requirements, without their versions."""
    return {re.split(r"[<>=!~ ]", line)[0] for line in requirements.split("\n") if line}


def shell_lines(text):
    """The lines of the fenced sh blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_import_brings_in_nothing_heavy():
    code = f"import sys, tinyseq; print(*[name for name in {HEAVY} if name in sys.modules])"
    environment = {**os.environ, "TINYSEQ_BACKEND": "numpy"}
    loaded = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout.split()
    assert loaded == [], f"`import tinyseq` imports {loaded}: import them inside the functions that use them"


def test_dependencies_are_those_of_the_design():
    assert names(setup_cfg()["options"]["install_requires"]) == CORE


def test_extras_are_those_of_the_design():
    extras = setup_cfg()["options.extras_require"]
    assert {extra: names(requirements) for extra, requirements in extras.items()} == EXTRAS
    assert extras["oracle"] == "torch==2.13.0", "the stored numbers were made by this version"


@pytest.mark.parametrize("command", [TRAIN, TEST])
def test_readme_holds_the_command(command):
    assert shell_lines((ROOT / "README.md").read_text(encoding="utf-8")).count(command) == 1


def test_ci_can_find_the_test_command_in_the_readme():
    lines = shell_lines((ROOT / "README.md").read_text(encoding="utf-8"))
    assert [line for line in lines if "pytest" in line] == [TEST]


def test_ci_script_is_executable():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_version_is_a_literal_that_a_build_can_read_without_importing():
    source = (ROOT / "tinyseq" / "__init__.py").read_text(encoding="utf-8")
    assert f'__version__ = "{tinyseq.__version__}"\n' in source


def test_installed_metadata():
    try:
        installed = metadata.distribution("tinyseq")
    except metadata.PackageNotFoundError:
        pytest.skip("tinyseq is not installed here: pip install -e .")
    assert installed.version == tinyseq.__version__
    assert installed.metadata["Requires-Python"] == ">=3.11"
    assert installed.metadata["License-Expression"] == "MIT"
    assert set(installed.metadata.get_all("Provides-Extra")) == set(EXTRAS)
    (command,) = installed.entry_points.select(group="console_scripts", name="tinyseq")
    assert command.value == "tinyseq.cli:main" and callable(command.load())


def test_package_says_that_it_is_typed():
    assert (Path(tinyseq.__file__).parent / "py.typed").is_file()
