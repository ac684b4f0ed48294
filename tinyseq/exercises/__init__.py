"""Exercises that check themselves: `check("linear-backward", mine)` says whether it is right, and if not, why.

Reading order: exercise.py and draw.py (what an exercise is), derivations/ (one page each), child.py (calling an
answer), compare.py, moved.py and fingerprints.py (what is wrong with a result), verdict.py; probes.py (what a model
does), practice.py (an experiment and its table), practices/ (one page each); examine.py, submission.py and grade.py
(whole files of answers), command.py.
"""
from tinyseq.exercises.examine import check, examine, exercises, practices

__all__ = ["check", "examine", "exercises", "practices"]
