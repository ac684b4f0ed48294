"""Faulty specimens: what is wrong in the book's programs, each small enough to run, with the number that shows it.

    reads_its_answer.py     a bidirectional network that predicts the next character (7.4a, 8.1-8.4, 9.3a)
    random_targets.py       regressors that are taught random targets (the introduction)
"""
