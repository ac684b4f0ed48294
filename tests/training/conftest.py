"""The small package of test_sentences.py stands beside the folders: `from small_minilm import ...`."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
