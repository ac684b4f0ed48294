"""The benchmarks are programs, no package: their folder is where Python finds them."""
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
