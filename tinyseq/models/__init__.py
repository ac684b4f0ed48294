"""The models of the chapters, one page each: equations, Config, a TINY config, PRESETS, the class.

`find(name)` gives a page; each has Config, TINY, PRESETS, Model and a docstring whose first line names the chapter.
A page whose model learns from corpora that want different recipes also has BY_CORPUS.
"""
from importlib import import_module
from types import ModuleType
from typing import Any

NAMES = ("char_rnn", "char_lstm", "char_gru", "deep_lstm", "sine_forecaster", "forecaster", "word_lm",
         "three_language_models", "bilstm_tagger", "bilstm_crf", "text_classifier", "g2p_seq2seq", "translator",
         "bilstm_self_attention", "self_attentive_lstm", "transformer_rnn", "hybrid_forecaster", "char_transformer",
         "seq2seq_transformer", "attention_cnn", "attention_resnet", "mini_gpt", "minilm")


def find(name: str) -> ModuleType:
    """The page of a model. Raises ValueError for an unknown name, listing the known ones."""
    if name not in NAMES:
        raise ValueError(f"there is no model {name!r}; the models are {', '.join(NAMES)}")
    return import_module(f"tinyseq.models.{name}")


def preset(page: ModuleType, name: str, corpus: str | None) -> dict[str, Any]:
    """The fields that a preset sets, with what BY_CORPUS changes in them for this corpus."""
    return {**page.PRESETS[name], **getattr(page, "BY_CORPUS", {}).get(corpus, {}).get(name, {})}
