"""tinyseq: the sequence-model textbook that runs."""
__version__ = "0.1.0"
