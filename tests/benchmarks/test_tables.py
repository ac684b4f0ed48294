"""The tables in benchmarks/README.md are those of the results; and that of the README which needs its neighbours."""
import json
from pathlib import Path

import attention
import depth
import equal_budget
import pronunciation
import regressors
import self_attention
import translation

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
README = (BENCHMARKS / "README.md").read_text(encoding="utf-8")


def test_pronunciation():
    assert pronunciation.table(json.loads(pronunciation.PATH.read_text())) in README


def test_regressors():
    assert regressors.table(json.loads(regressors.RESULTS.read_text(encoding="utf-8"))) in README


def test_translation():
    assert translation.table(json.loads(translation.PATH.read_text())) in README


def test_depth():
    assert depth.tables() in README


def test_attention():
    results = json.loads((BENCHMARKS / "results" / "attention.json").read_text(encoding="utf-8"))
    readme = (BENCHMARKS.parent / "README.md").read_text(encoding="utf-8")
    assert attention.table(results) in readme
    assert f"width 256 within {results['lean peak bytes'] / 2**20:.0f} MiB" in readme.replace("\n", " ")


def test_self_attention():
    assert self_attention.tags_table() in README


def test_equal_budget():
    assert equal_budget.table() in README
