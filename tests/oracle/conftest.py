"""The networks of test_torchvision.py stand beside it: `from resnets_in_pytorch import ...`."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
