"""Proofs that need another process: the backend is chosen at import, and PyTorch is not always there."""
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tinyseq import models

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.trust


def passed(*arguments, **environment):
    """The names of the tests that passed in a run of their own; none may fail."""
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", *arguments], cwd=ROOT,
                         env={**os.environ, **environment}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:]
    return re.findall(r"^PASSED (\S+)", run.stdout, re.MULTILINE)


def test_a_training_step_never_waits_for_the_device(trust_table):
    names = passed("tests/strict/test_synchronisations.py", "-k", "training_step", TINYSEQ_BACKEND="strict")
    steps = [re.search(r"\[(.*)-(.*)\]", name).groups() for name in names]
    seen = {part for step in steps for part in step} & set(models.NAMES)
    trust_table.row("models whose training step never waits for the device (strict backend)", "all",
                    f"{len(seen)} of {len(models.NAMES)}")
    assert seen == set(models.NAMES)


if importlib.util.find_spec("torch"):                      # not skipped where it is missing: `-m oracle` demands it

    def test_parity_with_pytorch(full, trust_table):
        names = passed("-m", "oracle", "tests/oracle/test_parity.py", *([] if full else ["-k", "Linear or LSTM"]))
        configurations = [name for name in names if "[" in name]
        trust_table.row("random configurations with PyTorch's outputs and gradients", "200", f"{len(configurations)}")
        assert len(configurations) >= (200 if full else 20)
