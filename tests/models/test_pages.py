"""Every page of models/: its Config, its TINY, its PRESETS, the size of its model, each of its gradients."""
import dataclasses
import inspect
import re

import numpy as np
import pytest

from tinyseq import checks, models
from tinyseq.backend import manual_seed, to_host
from tinyseq.cli import check_model
from tinyseq.layers import Module
from tinyseq.models import char_gru, char_lstm, char_rnn
from tinyseq.training import Recipe, tasks
from tinyseq.training.settings import divide

CHARACTER_MODELS = ["char_rnn", "char_lstm", "char_gru"]
CHARACTERS = 1_115_394                 # of Tiny Shakespeare

each_page = pytest.mark.parametrize("page", [pytest.param(models.find(name), id=name) for name in models.NAMES])


@pytest.fixture(autouse=True)
def seed():
    manual_seed(0)


# What every page has ----------------------------------------------------------------------------------------

@each_page
def test_config_is_frozen_and_every_field_has_a_default(page):
    config = page.Config()
    field = dataclasses.fields(config)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(config, field, 1)


@each_page
def test_the_page_names_its_chapter_and_numbers_its_equations(page):
    assert re.search(r"chapters? \d|introduction", page.__doc__.splitlines()[0]) and "(1)" in page.__doc__
    assert "(1)" in page.Model.__doc__


@each_page
def test_the_model_is_a_module_whose_task_exists(page):
    assert issubclass(page.Model, Module)
    assert inspect.isclass(tasks.find(page.Model.task))
    assert list(inspect.signature(page.Model).parameters) == ["config"]


@each_page
def test_tiny_is_tiny(page):
    assert isinstance(page.TINY, page.Config)
    assert 0 < page.Model(page.TINY).count() <= 500


@each_page
def test_every_weight_of_tiny_has_the_right_gradient(page):
    report = check_model(page.__name__.rpartition(".")[2])
    expected = {(name, p.shape) for name, p in page.Model(page.TINY).named_parameters()}
    assert set(report.checked) == expected


@pytest.mark.parametrize("page, settings", [(char_rnn, {"nonlinearity": "sigmoid"}), (char_gru, {"variant": "cudnn"})])
def test_so_has_every_weight_of_the_variants(page, settings, monkeypatch):
    monkeypatch.setattr(page, "TINY", dataclasses.replace(page.TINY, **settings))
    check_model(page.__name__.rpartition(".")[2])


@each_page
def test_a_wrong_gradient_would_be_found(page, monkeypatch):
    whole = page.Model.loss

    def loss(self, batch):
        total, count = whole(self, batch)
        last = self.parameters()[-1]
        return total + last.detach().sum(), count      # part of the loss that backward cannot see
    monkeypatch.setattr(page.Model, "loss", loss)
    with pytest.raises(checks.GradientError):
        check_model(page.__name__.rpartition(".")[2])


@each_page
@pytest.mark.parametrize("preset", ["quick", "long", "book"])
def test_presets_fit_the_recipe_and_the_config(page, preset):
    of_recipe, of_config = divide(page.PRESETS[preset], page.Config)
    recipe, config = Recipe(**of_recipe), page.Config(**of_config)
    page.Model(config)
    assert 0 < recipe.make_schedule().lr(0) <= recipe.lr
    assert recipe.evaluate_every <= recipe.steps


@each_page
def test_there_are_just_these_presets_and_they_differ(page):
    assert list(page.PRESETS) == ["quick", "long", "book"]
    quick, long = page.PRESETS["quick"], page.PRESETS["long"]
    assert quick["steps"] < long["steps"] or quick.get("frozen") == "body" != long.get("frozen")   # these are cheap


def test_an_unknown_model_is_refused_with_the_list():
    with pytest.raises(ValueError, match="no model 'char_lsmt'; the models are char_rnn, char_lstm, char_gru, deep"):
        models.find("char_lsmt")


# The book's numbers -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", CHARACTER_MODELS)
def test_book_sizes_of_the_character_models(name):
    """H 256, 180 characters, batch 256, Adam 0.01, clipping by value 0.5; an epoch is as many steps as there are
    starts of a window, (N - T) // B, and there are 100."""
    page = models.find(name)
    of_recipe, of_config = divide(page.PRESETS["book"], page.Config)
    recipe, config = Recipe(**of_recipe), page.Config(**of_config)
    assert (config.V, config.H, recipe.seq_len, recipe.batch) == (65, 256, 180, 256)
    assert (recipe.optimiser, recipe.lr, recipe.schedule) == ("adam", 0.01, "constant")
    assert (recipe.clip_norm, recipe.clip_value) == (None, 0.5)
    assert recipe.batches == "windows"
    assert recipe.steps == 100 * recipe.evaluate_every
    assert recipe.evaluate_every == (CHARACTERS - recipe.seq_len) // recipe.batch


def test_book_sizes_of_the_forecaster():
    """Window 10, 10 units, 500 epochs, batch 1, rate 1e-3."""
    page = models.find("sine_forecaster")
    of_recipe, of_config = divide(page.PRESETS["book"], page.Config)
    recipe, config = Recipe(**of_recipe), page.Config(**of_config)
    assert (recipe.seq_len, config.H, recipe.batch, recipe.lr) == (10, 10, 1, 1e-3)
    assert (recipe.optimiser, recipe.schedule) == ("adam", "constant")
    windows = len(tasks.find("forecasting").prepare(recipe, "sine").training[1])
    assert recipe.steps == 500 * windows


# Sizes of the models ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("page, settings, recurrent", [
    (char_rnn, {}, lambda V, H: V * H + H * H + H),
    (char_lstm, {}, lambda V, H: 4 * (V * H + H * H + H)),
    (char_gru, {}, lambda V, H: 3 * (V * H + H * H + H)),
    (char_gru, {"variant": "cudnn"}, lambda V, H: 3 * (V * H + H * H + H) + H)])
@pytest.mark.parametrize("V, H", [(65, 256), (5, 4), (7, 1)])
def test_parameters_of_the_character_models(page, settings, recurrent, V, H):
    assert page.Model(page.Config(V=V, H=H, **settings)).count() == recurrent(V, H) + H * V + V


def tagger(V, K, H, A=120, C=64, D=16, F=64):
    """Words, letters, windows of three; two LSTMs; the output layer."""
    return V * C + A * D + (3 * D + 1) * F + 2 * 4 * (C + F + H + 1) * H + (2 * H + 1) * K


def block(C, FF):
    """Attention, the feed-forward layer, two norms."""
    return 4 * (C + 1) * C + (C + 1) * FF + (FF + 1) * C + 4 * C


def test_parameters_of_the_defaults():
    counts = {name: models.find(name).Model(models.find(name).Config()).count() for name in models.NAMES}
    assert counts == {"char_rnn": 99_137, "char_lstm": 346_433, "char_gru": 264_001,
                      "deep_lstm": 4 * (65 + 256 + 1) * 256 + 2 * 4 * (256 + 256 + 1) * 256 + (256 + 1) * 65,
                      "sine_forecaster": 1 * 10 + 10 * 10 + 10 + 10 + 1,
                      "forecaster": 4 * (1 + 50 + 1) * 50 + 50 + 1, "word_lm": 3_138_021,
                      "three_language_models": 1_034_043, "bilstm_tagger": tagger(8000, 17, 128),
                      "bilstm_crf": tagger(4500, 13, 64) + 13 * 13 + 2 * 13, "text_classifier":
                      4000 * 64 + 2 * 4 * (64 + 64 + 1) * 64 + (4 * 64 + 1) * 2,
                      # rows, encoder, bridge; rows, decoder, attention, output; of an LSTM's state two parts go over
                      "g2p_seq2seq": 27 * 64 + 2 * 4 * (64 + 128 + 1) * 128 + 2 * 257 * 256 + 42 * 64
                      + 4 * (64 + 256 + 1) * 256 + 256 * 256 + 512 * 256 + 257 * 42,
                      "translator": 6400 * 128 + 2 * 3 * (128 + 128 + 1) * 128 + 257 * 256 + 9500 * 128
                      + 3 * (128 + 256 + 1) * 256 + 256 * 256 + 512 * 256 + 257 * 9500,
                      # the tagger; four matrices; z beside h for the output
                      "bilstm_self_attention": tagger(8000, 17, 128) + 4 * 257 * 256 + 256 * 17,
                      "self_attentive_lstm": 4 * (65 + 256 + 1) * 256 + 4 * 257 * 256 + 513 * 256 + 257 * 65,
                      "transformer_rnn": 4 * (65 + 136 + 1) * 136 + block(136, 544) + 2 * 136 + 137 * 65,
                      "hybrid_forecaster": 4 * (1 + 16 + 1) * 16 + block(16, 64) + 2 * 16 + 17,
                      # without biases, with a gate
                      "char_transformer": 65 * 128 + 4 * (4 * 128 * 128 + 3 * 128 * 342 + 2 * 128) + 128 + 129 * 65,
                      # characters and places, tied; without biases
                      "mini_gpt": (65 + 64) * 128 + 4 * (4 * 128 * 128 + 2 * 128 * 512 + 2 * 128) + 128,
                      # rows of both sides, output; blocks, of which the decoder's look at the source too
                      "seq2seq_transformer": (6400 + 9500) * 128 + 129 * 9500 + 2 * (3 * block(128, 512) + 2 * 128)
                      + 3 * (4 * 129 * 128 + 2 * 128),
                      # two convolutions, attention over the places of 64 channels, two linear layers
                      "attention_cnn": (25 + 1) * 32 + (25 * 32 + 1) * 64 + 4 * 65 * 64 + 1025 * 1024 + 1025 * 10,
                      "attention_resnet": 866_554,
                      # word pieces and places, their norm, the head
                      "minilm": (30_522 + 512) * 384 + 2 * 384 + 6 * block(384, 1536) + 385 * 2}


# What a character model promises ----------------------------------------------------------------------------

@pytest.mark.parametrize("name", CHARACTER_MODELS)
def test_reading_symbol_by_symbol_is_reading_at_once(name):
    page = models.find(name)
    model = page.Model(page.TINY).astype("float64")
    ids = np.random.default_rng(0).integers(0, page.TINY.V, (3, 7))
    at_once, last = model(ids)
    state = model.start(3)
    for t in range(7):
        logits, state = model.step(ids[:, t], state)
        np.testing.assert_allclose(logits.numpy(), at_once.numpy()[:, t], atol=1e-12)
    for one, other in zip(state.arrays(), last.arrays(), strict=True):
        np.testing.assert_allclose(to_host(one), to_host(other), atol=1e-12)


@pytest.mark.parametrize("name", CHARACTER_MODELS)
def test_the_loss_is_the_sum_of_the_surprises_and_their_count(name):
    page = models.find(name)
    model = page.Model(page.TINY).astype("float64")
    batch = tasks.find("characters").tiny_batch(page.TINY, np.random.default_rng(0))
    total, count = model.loss(batch)
    logits = model(batch.ids)[0].numpy()
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    expected = -np.take_along_axis(log_p, batch.targets[..., None], axis=-1).sum()
    assert count == batch.targets.size
    np.testing.assert_allclose(total.item(), expected, rtol=1e-12)
