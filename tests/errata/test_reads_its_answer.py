"""The specimen that reads its answer: the numbers that show it, and the leak detector that names it."""
import math

import numpy as np
import pytest

from tinyseq import checks
from tinyseq.backend import manual_seed
from tinyseq.data import Corpus
from tinyseq.errata import reads_its_answer
from tinyseq.layers import LSTM, RecurrentLanguageModel
from tinyseq.training import Recipe

NOISE = Corpus("noise", "".join("abcd"[i] for i in np.random.default_rng(0).integers(0, 4, 6000)), "")
RECIPE = Recipe(steps=150, batch=16, seq_len=8, batches="windows", lr=0.03, evaluate_every=150, threads=1)


def test_of_pure_noise_it_knows_all_but_the_last_character():
    found = reads_its_answer.run(NOISE, H=8, recipe=RECIPE)
    entropy = math.log(4)                                  # of each character: nobody can do better, and it does
    assert found["one way"].before_the_last == pytest.approx(entropy, abs=0.05)
    assert found["one way"].at_the_last == pytest.approx(entropy, abs=0.05)
    assert found["both ways"].before_the_last < 0.1
    assert found["both ways"].at_the_last > entropy - 0.02


def test_the_leak_detector_names_it():
    assert "output step 0 depends on input step" in reads_its_answer.accusation()
    assert "do not use bidirectional=True" in reads_its_answer.accusation()


def test_the_leak_detector_acquits_one_direction():
    manual_seed(0)
    network = RecurrentLanguageModel(LSTM(5, 4), 5).astype("float64")
    checks.assert_causal(lambda ids: network(ids)[0], np.random.default_rng(0).integers(0, 5, (2, 6)))


def test_a_specimen_that_was_cured_would_be_noticed(monkeypatch):
    monkeypatch.setattr(checks, "assert_causal", lambda f, x: None)
    with pytest.raises(AssertionError, match="found nothing"):
        reads_its_answer.accusation()
