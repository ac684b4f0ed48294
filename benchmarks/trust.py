"""The table under "Why trust it" in the README: what the proofs of tests/trust reach.

    python benchmarks/trust.py [--json benchmarks/results/trust.json]

Runs `pytest tests/trust` in full, some minutes, and prints the table; with --json it keeps the figures, which
tests/test_readme.py holds against the README. The proofs themselves are described where they stand, in tests/trust.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def table(results: dict[str, Any]) -> str:
    """The README's table, in Markdown."""
    rows = [f"| {row['what']} | {row['asked']} | {row['reached']} |" for row in results["rows"]]
    return "\n".join(["| what | asked | reached |", "|---|---|---|", *rows])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", metavar="FILE", help="keep the figures")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(args.json).resolve() if args.json else Path(folder, "trust.json")
        status = subprocess.run([sys.executable, "-m", "pytest", "-q", "tests/trust"], cwd=ROOT,
                                env={**os.environ, "TINYSEQ_TRUST_JSON": str(figures)}).returncode
        if status == 0:
            print(table(json.loads(figures.read_text(encoding="utf-8"))))
    return status


if __name__ == "__main__":
    sys.exit(main())
