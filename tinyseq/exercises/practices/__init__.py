"""The book's fifteen practices: a model from the library's parts, its pieces, and the comparison that is asked for.

A page for each, named after its number: the pieces, exercises like any other, whose answers may be models
(../probes.py); and the practice itself (../practice.py), whose answer is an experiment and the table filled by it.
"""
from importlib import import_module

PAGES = ("forecasting_7_1", "next_word_7_2", "gru_and_lstm_7_3", "classifier_7_4", "translation_7_5", "entities_8_1",
         "depth_8_2", "pronunciation_8_3", "transformer_rnn_8_4", "multi_head_8_5", "place_attention_9_1",
         "image_attention_9_1", "self_attention_9_2", "generation_9_3", "score_functions_9_4", "regularisation_9_5",
         "search_9_5")


def load() -> None:
    """Import all pages; each lists its pieces and its practice."""
    for page in PAGES:
        import_module(f"{__name__}.{page}")
