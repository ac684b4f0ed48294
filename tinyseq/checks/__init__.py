"""Proofs for users: gradcheck, and the error that names what is wrong; leak detectors."""
from tinyseq.checks.gradcheck import gradcheck
from tinyseq.checks.leaks import assert_answer_unseen, assert_batch_independent, assert_causal, assert_padding_invariant
from tinyseq.checks.report import TOLERANCE, GradientError, Report

__all__ = ["TOLERANCE", "GradientError", "Report", "assert_answer_unseen", "assert_batch_independent", "assert_causal",
           "assert_padding_invariant", "gradcheck"]
