"""Proofs for users: gradcheck, and the error that names what is wrong."""
from tinyseq.checks.diagnosis import GradientError
from tinyseq.checks.gradcheck import TOLERANCE, Report, gradcheck

__all__ = ["TOLERANCE", "GradientError", "Report", "gradcheck"]
