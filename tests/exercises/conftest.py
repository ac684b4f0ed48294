"""notebooks/exercises/ has what makes the files of an exercise, and in solutions/ the worked solutions."""
import sys
from pathlib import Path

HERE = Path(__file__).parents[2] / "notebooks" / "exercises"
sys.path[:0] = [str(HERE), str(HERE / "solutions")]
