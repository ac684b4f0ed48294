"""The proofs that every model owes share a page: `from models.cases import ...`."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
