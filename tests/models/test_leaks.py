"""No model of the chapters sees what it must not know: its answer, its padding, its neighbours in the batch.

Language models and the target side of sequence to sequence are causal. A tagger, a classifier and the models of chapter
8.1 that predict from both sides are not, and are shown not to be; what they must not see is the answer itself.
"""
from dataclasses import replace

import numpy as np
import pytest
from models.cases import ENTRIES, FAMILIES, batch_of, config_of, each, made, some_ids

from tinyseq import models, ops
from tinyseq.autograd import Tensor
from tinyseq.backend import to_device, to_host
from tinyseq.checks import (
    assert_answer_unseen,
    assert_batch_independent,
    assert_causal,
    assert_padding_invariant,
)
from tinyseq.data import windows
from tinyseq.training.tagging import TaggedBatch

B, T = 3, 5
LENGTHS = np.array([5, 2, 3])


@pytest.mark.parametrize("name", models.NAMES)
def test_every_model_has_an_entry(name):
    assert name in ENTRIES, (f"tests/models/cases.py has no entry for {name}: add ENTRIES[{name!r}] with one of the "
                             f"families {', '.join(FAMILIES)} and the variants of its config, or a new family with a "
                             "section in test_leaks.py and one in test_four_roads.py")
    assert ENTRIES[name].family in FAMILIES


def sees_the_future(f, x):
    """The opposite of assert_causal."""
    with pytest.raises(AssertionError, match="must not read beyond it"):
        assert_causal(f, x)


# Language models: no lengths, since their texts are pieces of one stream and all as long as their batch -----

@each("language")
def test_a_language_model_knows_nothing_but_what_came_before(name, settings):
    model, ids = made(name, settings), some_ids(config_of(name, settings).V, B, T)
    assert_causal(model, ids)
    assert_batch_independent(model, ids)


@each("language")
def test_nor_through_its_state(name, settings):
    """What a text ends with reaches the same row of the next batch and no other."""
    model, ids = made(name, settings), some_ids(config_of(name, settings).V, B, T)

    def read_on(before):
        return model(ids, model(before)[1])
    assert_batch_independent(read_on, ids)


# The three of chapter 8.1: windows of T characters, no lengths ----------------------------------------------

def one_at_a_time(model):
    """ids (B, T) -> (B, T, V): the masked model's logits of each step while that step alone is masked."""
    def f(ids):
        steps = [model.masked(ids, np.full((len(ids), 1), t)) for t in range(ids.shape[1])]
        return ops.concat(*steps, axis=1)
    return f


@each("three")
def test_none_of_the_three_sees_its_answer_and_two_see_the_future(name, settings):
    model, ids = made(name, settings), some_ids(config_of(name, settings).V, B, T)
    for f in (model.autoregressive, model.bidirectional, one_at_a_time(model)):
        assert_answer_unseen(f, ids)
        assert_batch_independent(f, ids)
    assert_causal(model.autoregressive, ids)
    sees_the_future(model.bidirectional, ids)
    sees_the_future(one_at_a_time(model), ids)


# Taggers ----------------------------------------------------------------------------------------------------

def spelled(config, words, lengths):
    """A batch of these words, each spelled in a way of its own."""
    letters = np.random.default_rng(0).integers(0, config.A, (config.V, 3))
    words = to_host(words)
    return TaggedBatch(words=words, lengths=lengths, tags=None, spelling=words, letters=letters,
                       letter_counts=np.full(config.V, 3))


@each("tagger")
def test_a_tagger_reads_the_words_of_both_sides(name, settings):
    model, config = made(name, settings), config_of(name, settings)
    sees_the_future(lambda words: model(spelled(config, words, np.full(B, T))), some_ids(config.V, B, T))


@each("tagger")
def test_a_tagger_does_not_see_its_answer(name, settings):
    """The tags that are right stand in the batch while the loss is computed; no score depends on any of them."""
    model, config = made(name, settings), config_of(name, settings)
    batch, tags = spelled(config, some_ids(config.V, B, T), np.full(B, T)), some_ids(config.K, B, T)

    def scores(tags):
        return model(replace(batch, tags=to_host(tags)))
    assert_answer_unseen(scores, tags)
    assert_causal(scores, tags)
    without = to_host(model.predict(batch))
    for right in (tags, (tags + 1) % config.K):
        np.testing.assert_array_equal(to_host(model.predict(replace(batch, tags=right))), without)


@each("tagger")
def test_a_taggers_padding_and_neighbours_change_nothing(name, settings):
    model, config = made(name, settings), config_of(name, settings)
    words = some_ids(config.V, B, T)
    assert_padding_invariant(lambda words: model(spelled(config, words, LENGTHS)), words, LENGTHS)
    assert_batch_independent(lambda words: model(spelled(config, words, LENGTHS)), words)


@each("tagger")
def test_nor_do_a_words_padded_letters_and_the_spelling_of_others(name, settings):
    """Sentences of one word: row u of the scores is what word u is, from its letters."""
    model, config = made(name, settings), config_of(name, settings)
    counts, letters = np.array([4, 1, 2]), some_ids(config.A, B, 4)
    batch = TaggedBatch(words=np.zeros((B, 1), int), lengths=np.ones(B, int), tags=None,
                        spelling=np.arange(B)[:, None], letters=None, letter_counts=counts)

    def scores(letters):
        return model(replace(batch, letters=to_host(letters)))
    assert_padding_invariant(scores, letters, counts)
    assert_batch_independent(scores, letters)


@each("tagger")
def test_tags_found_are_those_of_the_sentence_alone(name, settings):
    """The search for the best tags, too: neither what stands behind the end nor the other rows change them."""
    model, config = made(name, settings), config_of(name, settings)
    words = some_ids(config.V, B, T)
    found = to_host(model.predict(spelled(config, words, LENGTHS)))
    other = np.where(np.arange(T) < LENGTHS[:, None], words, (words + 1) % config.V)
    np.testing.assert_array_equal(to_host(model.predict(spelled(config, other, LENGTHS))), found)
    for row, length in enumerate(LENGTHS):
        alone = to_host(model.predict(spelled(config, words[row:row + 1, :length], [length])))
        np.testing.assert_array_equal(alone[0], found[row, :length])
        assert (found[row, length:] == -1).all()


# Classifiers ------------------------------------------------------------------------------------------------

def sequences(name, settings):
    """The batch of the task, as long as LENGTHS say, with numbers or with ids."""
    config = config_of(name, settings)
    inputs = some_ids(config.V, B, T) if config.V else np.random.default_rng(0).standard_normal((B, T, config.channels))
    return replace(batch_of(name, settings), inputs=inputs, lengths=LENGTHS)


@each("classifier", "sentence")
def test_a_classifiers_padding_and_neighbours_change_nothing(name, settings):
    model, batch = made(name, settings), sequences(name, settings)

    def scores(inputs):
        return model(replace(batch, inputs=inputs))
    assert_padding_invariant(scores, batch.inputs, LENGTHS)
    assert_batch_independent(scores, batch.inputs)


@each("classifier", "sentence")
def test_a_classifier_reads_every_step_and_not_its_answer(name, settings):
    model, batch = made(name, settings), sequences(name, settings)
    found = to_host(model.predict(batch))
    for row, t in zip(*np.nonzero(np.arange(T) < LENGTHS[:, None]), strict=True):
        inputs = batch.inputs.copy()
        inputs[row, t] = (inputs[row, t] + 1) % config_of(name, settings).V if inputs.ndim == 2 else 0
        changed = to_host(model.predict(replace(batch, inputs=inputs))) != found
        assert changed[row].any(), f"step {t} of row {row} changes nothing"
    for labels in (None, (batch.labels + 1) % config_of(name, settings).K):
        np.testing.assert_array_equal(to_host(model.predict(replace(batch, labels=labels))), found)


@each("classifier")
def test_its_steps_see_the_future_if_it_reads_both_ways(name, settings):
    model = made(name, settings)
    x = Tensor(to_device(np.random.default_rng(0).standard_normal((B, T, model.stack.D))))
    check = sees_the_future if model.stack.directions == 2 else assert_causal
    check(model.stack, x)


@each("sentence")
def test_a_sentences_pieces_see_both_sides(name, settings):
    model = made(name, settings)
    x = Tensor(to_device(np.random.default_rng(0).standard_normal((B, T, config_of(name, settings).C))))
    for block in model.encoder.blocks:
        sees_the_future(lambda x, block=block: block(x)[0], x)


# Forecasters: every window is whole, so there are no lengths ------------------------------------------------

@each("forecaster")
def test_a_forecast_knows_nothing_but_the_values_before(name, settings):
    """Forecasts of a whole series, over the windows that the task cuts: the one made at step t is of x_{t+1}."""
    model, length, n = made(name, settings), 3, 9
    series = np.random.default_rng(0).standard_normal((B, n))

    def forecasts(series):
        rows = [windows(row, length) for row in series.numpy()]
        for row, (_, targets) in zip(series.numpy(), rows, strict=True):
            np.testing.assert_array_equal(targets, row[length:])
        made_at = [model(to_device(inputs[..., None])).reshape(1, n - length, 1) for inputs, _ in rows]
        none_yet = Tensor(to_device(np.zeros((B, length - 1, 1))))
        none_more = Tensor(to_device(np.zeros((B, 1, 1))))
        return ops.concat(none_yet, ops.concat(*made_at, axis=0), none_more, axis=1)       # (B, n, 1)
    assert_causal(forecasts, Tensor(to_device(series)))


@each("forecaster")
def test_a_forecast_depends_on_its_own_window_and_on_all_of_it(name, settings):
    model = made(name, settings)
    x = np.random.default_rng(0).standard_normal((B, T, 1))
    assert_batch_independent(model, Tensor(to_device(x)))
    found = to_host(model.predict(x))
    for t in range(T):
        other = x.copy()
        other[:, t] += 1
        assert (to_host(model.predict(other)) != found).all(), f"step {t} changes nothing"


# Sequence to sequence ---------------------------------------------------------------------------------------

def source_of(name, settings):
    return some_ids(config_of(name, settings).V_source, B, T - 1)


@each("seq2seq")
def test_a_decoder_knows_the_source_and_what_came_before(name, settings):
    """The logits of step t, from SOS and the symbols before: the symbol that they predict is read at t + 1."""
    model, source = made(name, settings), source_of(name, settings)
    ids = some_ids(config_of(name, settings).V_target, B, T)
    for lengths in (None, LENGTHS - 1):
        assert_causal(lambda ids, lengths=lengths: model(source, ids, lengths), ids)
        assert_batch_independent(lambda ids, lengths=lengths: model(source, ids, lengths), ids)


@each("seq2seq")
def test_a_sources_padding_and_neighbours_change_nothing(name, settings):
    model, source = made(name, settings), source_of(name, settings)
    ids = some_ids(config_of(name, settings).V_target, B, T)
    assert_padding_invariant(lambda source: model(source, ids, LENGTHS - 1), source, LENGTHS - 1)
    assert_batch_independent(lambda source: model(source, ids, LENGTHS - 1), source)


@each("seq2seq")
def test_a_targets_padding_changes_no_loss(name, settings):
    model, batch = made(name, settings), batch_of(name, settings)
    target = to_host(batch.target)
    behind = np.arange(target.shape[1]) >= to_host(batch.target_lengths)[:, None]
    assert behind.any(), "the task's tiny batch is ragged"
    other = np.where(behind, (target + 1) % config_of(name, settings).V_target, target)
    assert model.loss(replace(batch, target=other))[0].item() == model.loss(batch)[0].item()


@each("seq2seq")
def test_an_encoder_may_read_both_ways(name, settings):
    model, source = made(name, settings), source_of(name, settings)
    stack = model.encoder.stack
    both_ways = stack.directions == 2 or not getattr(stack, "causal", True)
    check = sees_the_future if both_ways else assert_causal
    check(lambda source: model.encoder(source).hs, source)


# Images -----------------------------------------------------------------------------------------------------

@each("image")
def test_an_images_answer_depends_on_all_of_it_and_on_nothing_else(name, settings):
    model, batch = made(name, settings), batch_of(name, settings)
    assert_batch_independent(lambda images: model(replace(batch, images=to_host(images))),
                             Tensor(to_device(batch.images)))
    found = to_host(model.predict(batch))
    for labels in (None, (batch.labels + 1) % config_of(name, settings).K):
        np.testing.assert_array_equal(to_host(model.predict(replace(batch, labels=labels))), found)
    for patch in (np.s_[:2, :2], np.s_[:2, -2:], np.s_[-2:, :2], np.s_[-2:, -2:]):          # its four corners
        changed = np.zeros(found.shape, bool)
        for by in (-9, -3, 3, 9):                          # one alone may be lost where ReLU shuts
            images = batch.images.copy()
            images[(0, slice(None), *patch)] += by
            changed |= to_host(model.predict(replace(batch, images=images))) != found
        assert changed[0].any() and not changed[1:].any()


@each("image")
def test_in_training_batch_normalisation_looks_at_the_whole_batch(name, settings):
    """And only there: a network without it is as blind to its neighbours as in use."""
    model, batch = made(name, settings), batch_of(name, settings)
    other = batch.images.copy()
    other[1:] += np.random.default_rng(1).standard_normal(other[1:].shape)
    before = model.state_dict()
    model.train()
    try:
        one, two = (to_host(model(replace(batch, images=images)).data)[0] for images in (batch.images, other))
    finally:
        model.eval()
        model.load_state_dict(before)
    assert (one != two).any() == bool(model.buffers())
