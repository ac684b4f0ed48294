"""The specimen that reads its answer: the numbers that show it, and the leak detector that names it."""
import math

import numpy as np
import pytest

from tinyseq import checks
from tinyseq.backend import manual_seed
from tinyseq.errata import find, reads_its_answer
from tinyseq.layers import LSTM, RecurrentLanguageModel


def test_of_pure_noise_it_knows_all_but_the_last_character(numbers):
    (before, one_way), (at_the_last, one_way_at_the_last) = numbers("reads-its-answer")
    entropy = math.log(4)                                  # of each character: nobody can do better, and it does
    assert one_way == pytest.approx(entropy, abs=0.05) and one_way_at_the_last == pytest.approx(entropy, abs=0.05)
    assert before < 0.1 and at_the_last > entropy - 0.02


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


def test_the_specimen_of_a_text_shows_both_places(monkeypatch):
    Found = reads_its_answer.Found
    monkeypatch.setattr(reads_its_answer, "run", lambda: {"both ways": Found(1, 2), "one way": Found(3, 4)})
    specimen = find("reads-its-answer-in-text")
    assert specimen.slow and [row[1:] for row in specimen.run()] == [(1, 3), (2, 4)]


@pytest.mark.slow
def test_of_a_text_it_knows_all_but_the_last_character(numbers):
    (before, one_way), (at_the_last, one_way_at_the_last) = numbers("reads-its-answer-in-text")
    assert before < 0.2 and at_the_last > one_way_at_the_last > 1.5 and one_way > 1.5
