"""One answer by four roads: the whole sequence at once; step by step; in chunks with carried state; a ragged batch
against its sequences one by one. In float64, to 1e-10 of the largest entry, with dropout off, by hand and by tape.

Which roads there are depends on what a model promises. A network of two directions as a whole has no steps: what it
says of the first word it has read the last one for. Its parts have: there each direction of each layer walks by itself,
in its own direction, over a whole sequence of what the layer below said (InPieces).
"""
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from models.cases import METHODS, config_of, each, made

from tinyseq import ops
from tinyseq.backend import name, to_device, to_host
from tinyseq.decoding import greedy
from tinyseq.layers import StackState
from tinyseq.training.classification import LabelledBatch
from tinyseq.training.images import ImageBatch
from tinyseq.training.tagging import TaggedBatch

each_method = pytest.mark.parametrize("method", METHODS)
# The strict backend is slow, and what it looks for it finds in one example. Sizes are small without shrinking.
few = settings(max_examples=3 if name == "numpy" else 1, derandomize=True, database=None, phases=[Phase.generate])


def same(found, expected):
    """Equal to 1e-10 of the largest entry."""
    found, expected = (x.numpy() if hasattr(x, "numpy") else to_host(x) for x in (found, expected))
    assert found.shape == expected.shape
    assert abs(found - expected).max(initial=0) <= 1e-10 * abs(expected).max(initial=0)


def same_states(found, expected):
    for one, other in zip(found.arrays(), expected.arrays(), strict=True):
        same(one, other)


@st.composite
def ragged(draw, longest=6):
    """lengths (B,), at least one of them T; where to cut the T steps; a seed."""
    lengths = draw(st.lists(st.integers(1, longest), min_size=1, max_size=4))
    cuts = sorted(draw(st.sets(st.integers(1, max(lengths)), max_size=3)) - {max(lengths)})
    return np.array(lengths), [0, *cuts, max(lengths)], draw(st.integers(0, 99))


def ids_of(V, lengths, seed):
    """Random ids (B, T), behind the ends as well."""
    return np.random.default_rng(seed).integers(0, V, (len(lengths), max(lengths)))


def chunks(cuts):
    return pairwise(cuts)


# Language models: all four ----------------------------------------------------------------------------------

@each_method
@each("language")
@few
@given(drawn=ragged())
def test_a_language_model(name, settings, method, drawn):
    lengths, cuts, seed = drawn
    model, ids = made(name, settings, method), ids_of(config_of(name, settings).V, lengths, seed)
    at_once, last = model(ids)
    same(at_once, made(name, settings)(ids)[0])                            # by tape as by hand
    step_by_step(model, ids, at_once, last)
    in_chunks(model, ids, cuts, at_once, last)
    ragged_against_one_by_one(model, ids, lengths, at_once)


def step_by_step(model, ids, at_once, last):
    state = model.start(len(ids))
    for t in range(ids.shape[1]):
        logits, state = model.step(ids[:, t], state)
        same(logits, at_once[:, t])
    same_states(state, last)


def in_chunks(model, ids, cuts, at_once, last):
    state = None
    for start, end in chunks(cuts):
        logits, state = model(ids[:, start:end], state)
        same(logits, at_once[:, start:end])
        state = state.detach()                                             # truncated BPTT cuts here, and moves nothing
    same_states(state, last)


def ragged_against_one_by_one(model, ids, lengths, at_once):
    """Three ways to have texts of several lengths in one batch: filled up behind their ends; by `lengths`; rows that
    leave the batch when they have ended."""
    alone = [model(ids[row:row + 1, :length]) for row, length in enumerate(lengths)]
    for row, (logits, _) in enumerate(alone):
        same(at_once[row, :lengths[row]], logits[0])
    x, context = inputs_of(model, ids), context_of(model.stack)
    if len(set(lengths)) > 1 and max(lengths) > (context or max(lengths)):
        with pytest.raises(ValueError, match="T=3 positions"):             # each row would be read anew at another step
            model.stack(x, lengths=lengths)
    else:
        hs, last = model.stack(x, lengths=lengths)
        same_states(last, last.join([state for _, state in alone]))
        assert not hs.numpy()[np.arange(ids.shape[1]) >= lengths[:, None]].any()
    rows, state = np.arange(len(ids)), model.start(len(ids))
    for t in range(ids.shape[1]):
        going_on = np.flatnonzero(lengths[rows] > t)
        rows, state = rows[going_on], state.select(going_on)
        logits, state = model.step(ids[rows, t], state)
        for place, row in enumerate(rows):
            same(logits[place], alone[row][0][0, t])
            if lengths[row] == t + 1:
                same_states(state.select([place]), alone[row][1])


def inputs_of(model, ids):
    """What the model's stack reads of ids."""
    if hasattr(model, "embedded"):
        return model.embedded(ids)
    return ids if model.stack.D != model.stack.H else ops.gather(model.E, ids)


def context_of(stack):
    """How many positions there are, None where they have no end."""
    return getattr(getattr(stack, "transformer", stack), "context", None)


# The three of chapter 8.1 -----------------------------------------------------------------------------------
# Their windows are all of T and begin from zeros, so none is ragged. Only the one-way model can be stepped and cut.

@each_method
@each("three")
@few
@given(drawn=ragged())
def test_the_three_language_models(name, settings, method, drawn):
    lengths, cuts, seed = drawn
    model, ids = made(name, settings, method), ids_of(config_of(name, settings).V, lengths, seed)
    one_way, by_hand = model.autoregressive, made(name, settings)
    places = np.random.default_rng(seed).integers(0, ids.shape[1], (len(ids), 1))
    for network, hand, more in ((one_way, by_hand.autoregressive, ()),
                                (model.bidirectional, by_hand.bidirectional, ()),
                                (model.masked, by_hand.masked, (places,))):
        at_once = network(ids, *more)
        same(at_once, hand(ids, *more))
        for row in range(len(ids)):
            same(at_once[row], network(ids[row:row + 1], *(x[row:row + 1] for x in more))[0])
    one_way_by_steps_and_chunks(model, ids, cuts)
    both_ways_by_what_stands_on_each_side(model.bidirectional, ids)


def one_way_by_steps_and_chunks(model, ids, cuts):
    """What follows step t is what the whole window says of step t + 1."""
    at_once, state = model.autoregressive(ids), model.start(len(ids))
    for t in range(ids.shape[1] - 1):
        logits, state = model.step(ids[:, t], state)
        same(logits, at_once[:, t + 1])
    state = None
    for start, end in chunks(cuts):
        hs, state = model.autoregressive.stack(ids[:, start:end], state)
        same(model.autoregressive.output(hs[:, :ids.shape[1] - 1 - start]), at_once[:, start + 1:end + 1])


def both_ways_by_what_stands_on_each_side(network, ids):
    """Step t from two texts of their own: what stands before it, forwards, and what stands behind it, backwards."""
    at_once, (forward, backward) = network(ids), network.stack.cells
    B, T = ids.shape
    for t in range(T):
        before, behind = (cell.initial_state(B) for cell in (forward, backward))
        if t:
            _, before = forward(to_device(ids[:, :t]), before, [B] * t)
        if t < T - 1:
            _, behind = backward(to_device(ids[:, :t:-1]), behind, [B] * (T - 1 - t))
        same(network.output(ops.concat(before.h, behind.h, axis=-1)), at_once[:, t])


# Steps and chunks of a network in two directions ------------------------------------------------------------

class InPieces:
    """A stack by another road: each sequence alone and at its own length, layer by layer; each direction walks its own
    way in pieces of `size` steps, and carries its state from piece to piece."""

    def __init__(self, stack, size):
        self.stack, self.size, self.directions, self.H = stack, size, stack.directions, stack.H

    def __call__(self, x, lengths=None):
        B, T = x.shape[:2]
        lengths = [T] * B if lengths is None else lengths
        rows = [self._sequence(x[row:row + 1, :length]) for row, length in enumerate(lengths)]
        hs = [ops.pad(hs, ((0, 0), (0, T - hs.shape[1]), (0, 0))) for hs, _ in rows]
        return ops.concat(*hs, axis=0), StackState.join([state for _, state in rows])

    def _sequence(self, x):
        """x (1, T, D) -> hs (1, T, H or 2H), the states of all cells."""
        last = []
        for first in range(0, len(self.stack.cells), self.directions):
            parts = []
            for cell, way in zip(self.stack.cells[first:first + self.directions], (1, -1), strict=False):
                hs, state = self._walked(cell, x[:, ::way])
                parts.append(hs[:, ::way])
                last.append(state)
            x = ops.concat(*parts, axis=-1)
        return x, StackState(last)

    def _walked(self, cell, x):
        state, pieces = cell.initial_state(1), []
        for start in range(0, x.shape[1], self.size):
            piece = x[:, start:start + self.size]
            hs, state = cell(piece, state, [1] * piece.shape[1])
            pieces.append(hs)
        return ops.concat(*pieces, axis=1), state


@contextmanager
def in_pieces(model, name, size):
    """Inside, the model's stack of this name goes by the other road."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, name, InPieces(getattr(model, name), size))
        yield


@contextmanager
def in_parts(model, size):
    """Inside, the model's stack, which is causal, reads `size` steps at a time and carries its state."""
    stack = model.stack

    def read(x):
        parts, state = [], None
        for start in range(0, x.shape[1], size):
            part, state = stack(x[:, start:start + size], state)
            parts.append(part)
        return ops.concat(*parts, axis=1), state
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "stack", read)
        yield


# Taggers ----------------------------------------------------------------------------------------------------

def sentences(config, lengths, seed):
    """A batch of random words, each spelled in a way of its own, with tags."""
    rng = np.random.default_rng(seed)
    words, behind = ids_of(config.V, lengths, seed), np.arange(max(lengths)) >= lengths[:, None]
    return TaggedBatch(words=words, lengths=lengths, spelling=words, tags=np.where(behind, -1, words % config.K),
                       letters=rng.integers(0, config.A, (config.V, 3)), letter_counts=rng.integers(1, 4, config.V))


def alone(batch, row):
    """One sentence as a batch, no longer than it is."""
    length = batch.lengths[row]
    cut = {field: getattr(batch, field)[row:row + 1, :length] for field in ("words", "spelling", "tags")}
    return replace(batch, lengths=np.array([length]), **cut)


@each_method
@each("tagger")
@few
@given(drawn=ragged(), size=st.integers(1, 3))
def test_a_tagger(name, settings, method, drawn, size):
    lengths, _, seed = drawn
    model, batch = made(name, settings, method), sentences(config_of(name, settings), lengths, seed)
    at_once, loss = model(batch), model.loss(batch)[0]
    tags = to_host(model.predict(batch))
    same(at_once, made(name, settings)(batch))
    same(loss, made(name, settings).loss(batch)[0])
    one_by_one = [alone(batch, row) for row in range(len(lengths))]
    same(sum(model.loss(sentence)[0].numpy() for sentence in one_by_one), loss)
    for row, sentence in enumerate(one_by_one):
        same(at_once[row, :lengths[row]], model(sentence)[0])
        assert to_host(model.predict(sentence))[0].tolist() == tags[row, :lengths[row]].tolist()
    for pieces in (1, size):                                               # steps; chunks with carried state
        with in_pieces(model, "lstm", pieces):
            same(model(batch), at_once)


# Classifiers ------------------------------------------------------------------------------------------------

@each_method
@each("classifier")
@few
@given(drawn=ragged(), size=st.integers(1, 3))
def test_a_classifier(name, settings, method, drawn, size):
    lengths, _, seed = drawn
    model, config = made(name, settings, method), config_of(name, settings)
    inputs = ids_of(config.V or 9, lengths, seed)
    if not config.V:
        inputs = np.random.default_rng(seed).standard_normal((*inputs.shape, config.channels))
    batch = LabelledBatch(inputs=inputs, lengths=lengths, labels=None)
    at_once = model(batch)
    same(at_once, made(name, settings)(batch))
    for row, length in enumerate(lengths):
        one = replace(batch, inputs=inputs[row:row + 1, :length], lengths=lengths[row:row + 1])
        same(at_once[row], model(one)[0])
    for pieces in (1, size):
        with in_pieces(model, "stack", pieces):
            same(model(batch), at_once)


# Sentence encoders: a text at once and alone; and by way of its vector --------------------------------------

@each("sentence")
@few
@given(drawn=ragged())
def test_a_sentence_encoder(name, settings, drawn):
    lengths, _, seed = drawn
    model, config = made(name, settings), config_of(name, settings)
    batch = LabelledBatch(inputs=ids_of(config.V, lengths, seed), lengths=lengths, labels=None)
    at_once = model(batch)
    for row, length in enumerate(lengths):
        one = replace(batch, inputs=batch.inputs[row:row + 1, :length], lengths=lengths[row:row + 1])
        same(at_once[row], model(one)[0])
    same(model(replace(batch, inputs=to_host(model.embed(batch)))), at_once)


# Forecasters: a window is whole, so no batch is ragged; its rows are still those of windows one by one ------

@each_method
@each("forecaster")
@few
@given(B=st.integers(1, 4), T=st.integers(1, 6), size=st.integers(1, 3), seed=st.integers(0, 99))
def test_a_forecaster(name, settings, method, B, T, size, seed):
    model, windows = made(name, settings, method), np.random.default_rng(seed).standard_normal((B, T, 1))
    windows = to_device(windows)
    at_once = model(windows)
    same(at_once, made(name, settings)(windows))
    for row in range(B):
        same(at_once[row], model(windows[row:row + 1])[0])
    stack = "rnn" if name == "sine_forecaster" else "stack"
    for pieces in (1, size):
        with in_pieces(model, stack, pieces) if hasattr(getattr(model, stack), "cells") else in_parts(model, pieces):
            same(model(windows), at_once)


# Sequence to sequence: the target takes all four roads, the source those of a stack in two directions -------

@each_method
@each("seq2seq")
@few
@given(drawn=ragged(), target=ragged(), size=st.integers(1, 3))
def test_a_sequence_to_sequence(name, settings, method, drawn, target, size):
    (lengths, _, seed), (_, cuts, _) = drawn, target
    model, config = made(name, settings, method), config_of(name, settings)
    source = ids_of(config.V_source, lengths, seed)
    ids = np.random.default_rng(seed).integers(0, config.V_target, (len(lengths), cuts[-1]))
    at_once, weights = model(source, ids, lengths)
    by_hand = made(name, settings)(source, ids, lengths)
    same(at_once, by_hand[0])
    if weights is not None:
        same(weights, by_hand[1])
    sources = [row[:length] for row, length in zip(source, lengths, strict=True)]
    target_step_by_step(model, sources, ids, at_once, weights)
    target_in_chunks(model, sources, ids, cuts, at_once, weights)
    sources_one_by_one(model, sources, ids, at_once)
    for pieces in (1, size) if hasattr(model.encoder.stack, "cells") else ():
        with in_pieces(model.encoder, "stack", pieces):
            same(model(source, ids, lengths)[0], at_once)


def target_step_by_step(model, sources, ids, at_once, weights):
    state = model.start(len(ids), sources)
    for t in range(ids.shape[1]):
        logits, state = model.step(ids[:, t], state)
        same(logits, at_once[:, t])
        if weights is not None:
            same(state.weights, weights[..., t:t + 1, :])


def target_in_chunks(model, sources, ids, cuts, at_once, weights):
    state = model.start(len(ids), sources)
    for start, end in chunks(cuts):
        logits, state = model.decoder(ids[:, start:end], state)
        same(logits, at_once[:, start:end])
        if weights is not None:
            same(state.weights, weights[..., start:end, :])


def sources_one_by_one(model, sources, ids, at_once):
    """Sources of several lengths in one batch, and each alone: what the target is given, and what is found for it."""
    for row, source in enumerate(sources):
        same(at_once[row], model(source[None], ids[row:row + 1])[0][0])
    together = greedy(model, sources, 5)
    for found, source in zip(together, sources, strict=True):
        one = greedy(model, [source], 5)[0]
        assert found.ids == one.ids
        assert found.score == pytest.approx(one.score, rel=1e-10)


@each("seq2seq")
@few
@given(drawn=ragged(), target=ragged())
def test_the_loss_of_a_ragged_batch_is_that_of_its_pairs(name, settings, drawn, target):
    model, config = made(name, settings), config_of(name, settings)
    B = min(len(drawn[0]), len(target[0]))
    lengths, target_lengths = drawn[0][:B], target[0][:B]
    pairs = SimpleNamespace(source=ids_of(config.V_source, lengths, drawn[2]), source_lengths=lengths, truth=None,
                            target=ids_of(config.V_target, target_lengths, target[2]), target_lengths=target_lengths)
    total, count = model.loss(pairs)
    each_pair = [SimpleNamespace(source=pairs.source[row:row + 1, :n], source_lengths=None, truth=None,
                                 target=pairs.target[row:row + 1, :m], target_lengths=None)
                 for row, (n, m) in enumerate(zip(lengths, target_lengths, strict=True))]
    losses = [model.loss(pair) for pair in each_pair]
    assert count == sum(n for _, n in losses) == target_lengths.sum()
    same(sum(loss.numpy() for loss, _ in losses), total)


# Images: each alone, and in any company ---------------------------------------------------------------------

@each("image")
@few
@given(B=st.integers(1, 4), seed=st.integers(0, 99))
def test_an_image_model(name, settings, B, seed):
    model, config = made(name, settings), config_of(name, settings)
    images = np.random.default_rng(seed).standard_normal((B, config.channels, config.size, config.size))
    at_once = model(ImageBatch(images=images, labels=None))
    for row in range(B):
        same(at_once[row], model(ImageBatch(images=images[row:row + 1], labels=None))[0])
