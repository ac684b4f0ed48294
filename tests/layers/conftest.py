"""The tests of recurrent stacks share a page: `from layers.stacks import ...`."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
