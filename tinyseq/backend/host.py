"""NumPy, always: for what lives on the host whatever the backend is (texts, token ids, files, pictures)."""
import numpy as np

__all__ = ["np"]
