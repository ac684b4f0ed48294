"""The comparison of 8.1: what its models read, what they are asked, and what is called their perplexity."""
import math

import pytest


def test_of_noise_the_state_knows_what_nobody_can(numbers):
    (faulty, sound), _ = numbers("state-has-read-it")
    assert faulty < 0.1 and sound == pytest.approx(math.log(4), abs=0.05)


def test_nothing_is_masked(numbers):
    hidden, asked, standing, (one_way, both_ways) = numbers("masks-nothing")
    assert hidden == asked == (0, 36)
    assert standing == (pytest.approx(144, abs=20), 0)
    assert one_way == 0 and both_ways > 1e-3


def test_minus_one_is_a_class_of_its_own_to_the_loss(told):
    rows = told("target-minus-one")
    faulty, sound = rows["loss, with a fifth of the targets to be left out"]
    assert faulty > sound + 0.5
    of_faulty, of_sound = rows["what selecting afterwards changes"]
    assert of_faulty < 1e-12 and of_sound == pytest.approx(faulty - sound, rel=1e-3)
    assert "got -1" in rows["tinyseq says"][0] and "ignore_index" in rows["tinyseq says"][0]


def test_the_mean_of_all_epochs_is_no_perplexity_of_any_model(numbers):
    (of_all_epochs, of_the_model), (_, true) = numbers("mean-of-all-epochs")
    assert of_all_epochs > of_the_model + 0.05 and of_the_model == pytest.approx(true, abs=0.05)


def test_only_one_model_gives_a_text_a_probability(numbers):
    (total, one), (too_low, least) = numbers("no-probability-of-a-text")
    assert total > 3 and one == pytest.approx(1, abs=1e-5)
    assert too_low < 1.2 and 4 ** (1 / 3) - 1e-6 < least < 1.7


def test_of_random_letters_context_is_worth_nothing(numbers):
    (worth, of_text), (unigrams, _), (fivegrams, _) = numbers("said-to-be-random")
    assert worth < 1 and of_text > 2
    assert unigrams == pytest.approx(26, rel=0.01) and fivegrams > 26
