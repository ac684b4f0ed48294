"""The lessons are no package: their folder is where Python finds the pages that run them."""
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "notebooks"))
