"""miniGPT: its sizes, its first weights, what decays, and that writing costs the same however much is written."""
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tinyseq.backend import manual_seed, to_host
from tinyseq.decoding import generate
from tinyseq.layers import KeyValueCache
from tinyseq.models import mini_gpt
from tinyseq.models.mini_gpt import PRESETS, TINY, Config, MiniGPT
from tinyseq.training import Recipe
from tinyseq.training.characters import nats_in_windows, nats_per_character
from tinyseq.training.settings import divide


@pytest.fixture(autouse=True)
def seed():
    manual_seed(0)


def sizes(preset):
    of_recipe, of_config = divide(PRESETS[preset], Config)
    return Recipe(**of_recipe), Config(**of_config)


def test_the_quick_recipe_is_nanogpts_for_a_cpu():
    recipe, config = sizes("quick")
    assert (config.num_layers, config.num_heads, config.C, config.context, config.dropout) == (4, 4, 128, 64, 0.0)
    assert (recipe.batch, recipe.seq_len, recipe.steps, recipe.batches) == (12, 64, 2000, "windows")
    assert (recipe.lr, recipe.lr_end, recipe.warmup, recipe.schedule) == (1e-3, 1e-4, 100, "cosine")
    assert (recipe.optimiser, recipe.beta2, recipe.weight_decay, recipe.decayed) == ("adamw", 0.99, 0.1, "matrices")
    assert recipe.clip_norm == 1.0
    V, C, L, T = 65, 128, 4, 64
    assert MiniGPT(config).count() == V * C + T * C + L * (12 * C * C + 2 * C) + C         # tied, without biases


def test_the_book_has_its_sizes():
    recipe, config = sizes("book")
    assert (config.num_layers, config.num_heads, config.C, config.context, config.dropout) == (8, 8, 512, 128, 0.1)
    assert (recipe.batch, recipe.seq_len, recipe.lr, recipe.clip_norm) == (64, 128, 3e-4, 0.5)
    assert (recipe.optimiser, recipe.weight_decay, recipe.decayed) == ("adamw", 0.1, "linear")
    assert recipe.steps == 100 * recipe.evaluate_every
    assert config.bias and not config.tied


def test_the_first_weights():
    model = MiniGPT(Config(bias=True, tied=False))
    for name, p in model.named_parameters():
        values = to_host(p.data)
        if p.ndim == 2:
            deviation = 0.02 / np.sqrt(8) if name.endswith(("W_o", "back.W")) else 0.02
            assert values.std() == pytest.approx(deviation, rel=0.05), name
        else:
            assert (values == (1 if name.endswith("gamma") else 0)).all(), name


def test_what_decays():
    recipe, config = sizes("book")
    model = MiniGPT(replace(config, C=8, num_layers=1))
    names = {id(p): name for name, p in model.named_parameters()}
    for decayed, more in (("linear", set()), ("matrices", {"E", "stack.positions.P"})):
        groups = replace(recipe, decayed=decayed).groups(model.parameters())
        found = {names[id(p)] for p in groups[0]["params"]}
        assert found == more | {name for name, p in model.named_parameters() if ".b" not in name[-4:] and p.ndim == 2
                                and name not in ("E", "stack.positions.P")}
        assert groups[1]["weight_decay"] == 0


def test_writing_keeps_no_more_than_a_context(monkeypatch):
    """Far past the context: what a step looks at stays below it, whatever has been written."""
    model, seen = MiniGPT(TINY), []
    before = KeyValueCache.before.fget
    monkeypatch.setattr(KeyValueCache, "before", property(lambda cache: seen.append(len(cache.keys)) or before(cache)))
    assert len(generate(model, [0, 1], 40, seed=0)) == 40
    assert max(seen) < TINY.context


def test_a_long_text_is_read_by_the_rule_and_windows_from_zero():
    model, ids = MiniGPT(TINY).astype("float64"), np.random.default_rng(0).integers(0, TINY.V, 31)
    by_steps, state = 0.0, model.start(1)
    for symbol, following in pairwise(ids):
        logits, state = model.step([symbol], state)
        y = logits.numpy()[0]
        by_steps += np.log(np.exp(y).sum()) - y[following]
    assert nats_per_character(model, ids) == pytest.approx(by_steps / 30, rel=1e-6)
    windows, T = 0.0, 3
    for start in range(0, 30, T):
        y = model(ids[None, start:start + T])[0].numpy()[0]
        windows += (np.log(np.exp(y).sum(-1)) - y[np.arange(T), ids[start + 1:start + T + 1]]).sum()
    assert nats_in_windows(model, ids, T) == pytest.approx(windows / 30, rel=1e-6)


def test_the_page_says_what_is_tied():
    assert "Tied" in mini_gpt.__doc__
    assert MiniGPT(TINY).W_hy is None
    assert MiniGPT(replace(TINY, tied=False)).W_hy.shape == (4, 5)
