"""What the README shows is what happens: its code prints what stands beside it, its tables are those of the results."""
import contextlib
import io
import json
import os
import re
import runpy
from pathlib import Path

import pytest

from tinyseq.data import CharVocabulary, counting, load_corpus, split

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_code_prints_what_stands_in_its_comments():
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)
    promised = [line.rpartition("# ")[2] for line in code.splitlines() if line.startswith("print(")]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert len(promised) >= 3 and printed.getvalue().splitlines() == promised


@pytest.mark.parametrize("name", ["character_models", "recurrent", "forecasting", "trust"])
def test_the_tables_are_those_of_the_results(name):
    benchmark = ROOT / "benchmarks" / f"{name}.py"
    results = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text(encoding="utf-8"))
    assert runpy.run_path(str(benchmark))["table"](results) in README


@pytest.mark.skipif("TINYSEQ_DATA" not in os.environ, reason="needs the data sets: set TINYSEQ_DATA")
def test_what_counting_reaches_is_counted():
    text = load_corpus("shakespeare").text
    vocabulary = CharVocabulary.of(text)
    nats = counting(*split(vocabulary.encode(text)), len(vocabulary))
    assert f"Counting 5-grams gives {nats:.3f}." in README.replace("\n", " ")


def test_what_the_first_command_reached_is_what_was_measured():
    rows = json.loads((ROOT / "benchmarks" / "results" / "character_models.json").read_text(encoding="utf-8"))["rows"]
    row = next(row for row in rows if (row["model"], row["preset"], row["seed"]) == ("char_lstm", "quick", 0))
    assert f"reached {row['validation']:.3f} nats a character" in README


def test_the_race_of_mini_gpt_is_what_was_measured():
    raced = json.loads((ROOT / "benchmarks" / "results" / "mini_gpt.json").read_text(encoding="utf-8"))
    ours, theirs = (f"{raced['seconds'][name]:.0f} s" for name in ("tinyseq", "PyTorch"))
    assert f"{ours} here and {theirs} in PyTorch" in README.replace("\n", " ")
    assert f"both at {raced['validation']['tinyseq']:.3f} nats a character" in README.replace("\n", " ")
