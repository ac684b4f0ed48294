"""What the proofs that every model owes (test_leaks.py, test_four_roads.py) share: the table of the models.

A model's family says what it promises. Each family has a section in both test files:

    language      reads symbols one way and predicts each next one; a state goes in and comes out
    three         chapter 8.1's: one way, both ways, masked
    tagger        a tag for each word of a sentence, from the words of both sides
    classifier    one answer for a whole sequence, by a stack of cells
    sentence      the same by a transformer, over a vector for each sentence
    forecaster    the next value of a series, from a window that ends before it
    seq2seq       a target written symbol by symbol, after a whole source
    image         what an image shows
"""
from dataclasses import replace
from functools import cache, partialmethod
from typing import Any, NamedTuple

import numpy as np
import pytest

from tinyseq import models
from tinyseq.backend import manual_seed
from tinyseq.layers import CRF, Conv2d, TransformerBlock
from tinyseq.layers.recurrent.stack import Stack
from tinyseq.training import tasks


class Entry(NamedTuple):
    """A model's family, and what is changed in its TINY config to have every variant of its network."""
    family: str
    variants: tuple[dict[str, Any], ...] = ({},)


ENTRIES = {
    "char_rnn": Entry("language", ({}, {"nonlinearity": "relu"}, {"nonlinearity": "sigmoid"})),
    "char_lstm": Entry("language"),
    "char_gru": Entry("language", ({}, {"variant": "cudnn"})),
    "deep_lstm": Entry("language", ({}, {"residual": None}, {"residual": "skip2"}, {"residual": "inside"},
                                    {"residual": "inside", "layer_norm": True})),
    "word_lm": Entry("language", ({}, {"tied": True})),
    "mini_gpt": Entry("language", ({}, {"tied": False, "bias": False}, {"activation": "swiglu", "num_heads": 1})),
    "char_transformer": Entry("language", ({}, {"embedding": "narrow", "r": 2}, {"embedding": "widened"},
                                           {"positions": "alibi"}, {"positions": "sinusoidal", "norm": "post"},
                                           {"positions": "learned", "num_layers": 2},
                                           {"positions": None, "bias": True})),
    "transformer_rnn": Entry("language", ({}, {"cell": "gru"}, {"cell": "rnn", "num_layers": 2},
                                          {"positions": "sinusoidal"}, {"positions": "alibi"})),
    "self_attentive_lstm": Entry("language", ({}, {"window": None, "join": "concat"}, {"window": 1, "join": "add"})),
    "three_language_models": Entry("three"),
    "bilstm_tagger": Entry("tagger", ({}, {"num_layers": 2, "H": 2})),
    "bilstm_crf": Entry("tagger", ({}, {"num_layers": 2, "H": 2})),
    "bilstm_self_attention": Entry("tagger", ({}, {"join": "feed_forward", "num_heads": 1}, {"join": "add"})),
    "text_classifier": Entry("classifier", ({}, {"cell": "gru"}, {"pooling": "last"}, {"num_layers": 2, "H": 2},
                                            {"bidirectional": False}, {"V": 0, "channels": 3})),
    "minilm": Entry("sentence", ({}, {"num_layers": 1, "num_heads": 1})),
    "sine_forecaster": Entry("forecaster", ({}, {"nonlinearity": "sigmoid"})),
    "forecaster": Entry("forecaster", ({}, {"cell": "gru"}, {"cell": "rnn", "bidirectional": False},
                                       {"num_layers": 1, "bidirectional": False})),
    "hybrid_forecaster": Entry("forecaster", ({}, {"cell": "gru", "positions": "sinusoidal"},
                                              {"cell": "rnn", "positions": None, "num_layers": 2})),
    "g2p_seq2seq": Entry("seq2seq", ({}, {"attention": "none"}, {"decoder": "bahdanau", "attention": "additive"},
                                     {"decoder": "input_feeding", "attention": "dot"}, {"output": "context"},
                                     {"attention": "concat"}, {"attention": "local_monotonic"},
                                     {"attention": "local_predictive"}, {"attention": "multi_head"})),
    "translator": Entry("seq2seq", ({}, {"bidirectional": False, "num_layers": 2}, {"decoder": "bahdanau"})),
    "seq2seq_transformer": Entry("seq2seq", ({}, {"positions": "rotary", "num_layers": 2},
                                             {"positions": "alibi", "norm": "post", "bias": False},
                                             {"positions": None, "activation": "swiglu"})),
    "attention_cnn": Entry("image", ({}, {"attention": 1}, {"attention": 0}, {"channels": 3, "num_heads": 1})),
    "attention_resnet": Entry("image", ({}, {"attention_from": 5}, {"depth": 50, "width": 1, "stages": 1},
                                        {"stem": "imagenet", "size": 12, "stages": 1, "attention_from": 1})),
}
FAMILIES = ("language", "three", "tagger", "classifier", "sentence", "forecaster", "seq2seq", "image")
METHODS = ("by_hand", "by_tape")


def each(*families: str):
    """Parametrises a test with (name, settings) of every variant of these families' models."""
    return pytest.mark.parametrize("name, settings", [
        pytest.param(name, settings, id="-".join([name, *map(str, settings.values())]))
        for name, entry in ENTRIES.items() if entry.family in families and name in models.NAMES
        for settings in entry.variants])


def made(name: str, settings: dict[str, Any], method: str = "by_hand") -> Any:
    """The TINY model with these settings, by hand or by tape, in float64 and with dropout off. Nobody changes it."""
    return _made(name, tuple(settings.items()), method)


@cache
def _made(name: str, settings: tuple, method: str) -> Any:
    page = models.find(name)
    manual_seed(0)
    with pytest.MonkeyPatch.context() as patch:
        for layer in (Stack, CRF):
            patch.setattr(layer, "__init__", partialmethod(layer.__init__, method=method))
        model = page.Model(replace(page.TINY, **dict(settings))).astype("float64").eval()
    cells = [cell for module in model.modules() if isinstance(module, Stack) for cell in module.cells]
    ending = {"by_hand": "_sequence", "by_tape": "_unrolled"}[method]
    assert cells or any(isinstance(module, TransformerBlock | Conv2d) for module in model.modules())
    assert all(cell.over_time.__name__.endswith(ending) for cell in cells)
    return model


def config_of(name: str, settings: dict[str, Any]) -> Any:
    """The TINY config with these settings."""
    return replace(models.find(name).TINY, **settings)


def batch_of(name: str, settings: dict[str, Any]) -> Any:
    """The batch that the model's task makes for a gradient check."""
    return tasks.find(models.find(name).Model.task).tiny_batch(config_of(name, settings), np.random.default_rng(0))


def some_ids(V: int, B: int, T: int, seed: int = 0) -> Any:
    """Random ids (B, T) from 0 to V-1, at least two different ones."""
    ids = np.random.default_rng(seed).integers(0, V, (B, T))
    ids[0, :2] = np.arange(min(T, 2))
    return ids
