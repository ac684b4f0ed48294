"""The table under "Why trust it" in the README: what the proofs of tests/trust reach.

    python benchmarks/trust.py [--write]

Runs all of tests/trust, some minutes, and prints the table. --write keeps the figures in results/trust.json and puts
the table into the README; tests/test_readme.py compares the two.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "results" / "trust.json"
HEAD = "| what | asked | reached |"


def table(results: dict[str, Any]) -> str:
    """The README's table, in Markdown."""
    rows = [f"| {row['what']} | {row['asked']} | {row['reached']} |" for row in results["rows"]]
    return "\n".join([HEAD, "|---|---|---|", *rows])


def with_table(readme: str, results: dict[str, Any]) -> str:
    """The README with this table in place of its own."""
    before, head, rest = readme.partition(HEAD)
    if not head:
        raise ValueError(f"{README} has no table that begins with {HEAD!r}: put that line where the table belongs")
    return before + table(results) + re.sub(r"\A(\n\|.*)*", "", rest)


def measured() -> dict[str, Any]:
    """What a run of all of tests/trust reached. Raises CalledProcessError if anything failed."""
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder, "trust.json")
        subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/trust"], cwd=ROOT, check=True,
                       env={**os.environ, "TINYSEQ_TRUST_JSON": str(figures)})
        return json.loads(figures.read_text(encoding="utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="into results/trust.json and the README")
    args = parser.parse_args()
    results = measured()
    print(table(results))
    if args.write:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        README.write_text(with_table(README.read_text(encoding="utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    main()
