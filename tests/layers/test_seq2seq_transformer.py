"""The transformer as an encoder-decoder: its state, its memory, its attention, what is refused. That all roads give one
answer and that nothing leaks is shown for the model, tests/models."""
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tinyseq.autograd import Tensor, tensor
from tinyseq.backend import host, manual_seed, to_host
from tinyseq.checks import gradcheck
from tinyseq.decoding import beam_search, greedy
from tinyseq.layers import GRU, DecoderStack, Embedding, GeneralAttention, MultiHeadAttention, Transformer
from tinyseq.layers.seq2seq import (
    AttentionalOutput,
    Encoder,
    LuongDecoder,
    Output,
    Seq2Seq,
    TransformerDecoder,
)
from tinyseq.models.seq2seq_transformer import TINY, Config, Seq2SeqTransformer

C, NH, V = 4, 2, 5
SOURCES = [[1, 2, 3], [2], [3, 1]]


@pytest.fixture(autouse=True)
def seed():
    manual_seed(0)


def model_of(**settings):
    return Seq2SeqTransformer(replace(TINY, **settings)).astype("float64").eval()


def batch(truth=None):
    return SimpleNamespace(source=np.array([[1, 2, 3], [2, 0, 0]]), source_lengths=np.array([3, 1]), truth=truth,
                           target=np.array([[3, 4, 2], [4, 2, 0]]), target_lengths=np.array([3, 2]))


def drawn(*shape):
    return tensor(np.random.default_rng(0).standard_normal(shape))


@pytest.mark.parametrize("positions", ["sinusoidal", "rotary", "alibi", None])
@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_stack_of_decoder_blocks_is_its_blocks(positions, norm):
    stack = DecoderStack(C, 2, NH, norm=norm, positions=positions).astype("float64")
    x, source = drawn(2, 3, C), drawn(2, 5, C)
    found, state, weights = stack(x, stack.memory(source))
    y = x if positions != "sinusoidal" else stack.positions(x)
    for block in stack.blocks:
        y, _, alpha = block(y, block.memory(source))
    y = stack.final_norm(y) if norm == "pre" else y
    np.testing.assert_array_equal(found.numpy(), y.numpy())
    np.testing.assert_array_equal(weights.numpy(), alpha.numpy())                   # of the last block
    assert weights.shape == (2, NH, 3, 5) and len(state.caches) == 2


def test_the_source_is_projected_once_however_long_the_answer(monkeypatch):
    model, seen = model_of(num_layers=2), []
    prepared = MultiHeadAttention.prepared
    monkeypatch.setattr(MultiHeadAttention, "prepared",
                        lambda self, keys: seen.append(self.path) or prepared(self, keys))
    greedy(model, SOURCES, 9)
    of_decoder = [path for path in seen if path.startswith("decoder")]
    assert of_decoder == ["decoder.stack.blocks.0.cross", "decoder.stack.blocks.1.cross"]


def test_one_symbol_is_computed_a_step(monkeypatch):
    """With the cache no step reads again what was written."""
    model, read = model_of(), []
    call = DecoderStack.__call__
    monkeypatch.setattr(DecoderStack, "__call__",
                        lambda self, x, *more: read.append(x.shape[1]) or call(self, x, *more))
    greedy(model, SOURCES, 9)
    assert set(read) == {1}


def test_a_wide_beam_finds_the_likeliest_answer():
    """Every answer of at most two symbols, by its own probability, against a beam that drops nothing."""
    model, longest = model_of(), 2
    for source in SOURCES:
        answers = [(*before, TINY.eos) for n in range(longest) for before in np.ndindex(*(V,) * n)
                   if TINY.eos not in before]
        answers += [ids for ids in np.ndindex(*(V,) * longest) if TINY.eos not in ids]
        scores = {ids: log_probability(model, source, ids) for ids in answers}
        best = max(scores, key=scores.get)
        found = beam_search(model, [source], V ** longest, longest)[0]
        assert tuple(found[0].ids) == best and found[0].score == pytest.approx(scores[best])
        assert len(found) == len(answers)


def log_probability(model, source, ids):
    target = host.np.array([ids])
    total, _ = model.loss(SimpleNamespace(source=np.array([source]), source_lengths=None, truth=None, target=target,
                                          target_lengths=None))
    return -total.item()


def test_a_selected_state_goes_on_as_its_rows_do():
    model, rows = model_of(), [2, 0, 0]
    state = model.start(3, SOURCES)
    for ids in ([1, 1, 1], [3, 4, 0]):
        _, state = model.step(ids, state)
    here, _ = model.step([1, 1, 1], state.select(rows))
    alone, _ = model.step([1, 1, 1], state)
    np.testing.assert_allclose(here.numpy(), alone.numpy()[rows], rtol=1e-12)


def test_attention_maps_have_a_row_for_each_symbol_of_each_head():
    alpha = to_host(model_of().attention_map([1, 2, 3], [3, 4, 2]))
    assert alpha.shape == (NH, 3, 3)
    np.testing.assert_allclose(alpha.sum(axis=-1), 1)


def test_scheduled_sampling_with_the_truth_is_teacher_forcing():
    model = model_of()
    forced = model.loss(batch())[0].item()
    assert model.loss(batch(truth=np.ones(2)))[0].item() == pytest.approx(forced)
    assert model.loss(batch(truth=np.zeros(2)))[0].item() != pytest.approx(forced)


def test_it_may_look_at_the_states_of_a_recurrent_encoder():
    """Chen et al. 2018, section 5.1."""
    encoder = Encoder(Embedding(V, 3), GRU(3, 2, bidirectional=True))
    decoder = TransformerDecoder(Embedding(V, C), DecoderStack(C, 1, NH, FF=3), Output(C, V))
    model = Seq2Seq(encoder, decoder, 1, 2).astype("float64")
    assert model.bridge is None
    gradcheck(lambda: model.loss(batch())[0], params=model)


def luong():
    return LuongDecoder(Embedding(V, C), GRU(C, C), GeneralAttention(C, C), AttentionalOutput(C, C, C, V))


@pytest.mark.parametrize("make, words", [
    (lambda: Seq2Seq(Encoder(Embedding(V, C), Transformer(C, 1, NH, causal=False)), luong(), 1, 2),
     ("LuongDecoder", "Transformer ends in none", "TransformerDecoder")),
    (lambda: TransformerDecoder(Embedding(V, 3), DecoderStack(C, 1, NH), Output(C, V)), ("C = 3", "D=4")),
    (lambda: DecoderStack(C, 0, NH), ("num_layers=0",)),
    (lambda: DecoderStack(C, 1, NH, positions="learned"), ("sinusoidal, rotary, alibi, None", "'learned'")),
    (lambda: Seq2SeqTransformer(Config(C=10, num_heads=4)), ("num_heads=4", "C=10")),
    (lambda: model_of().start(1), ("start(B=1, source)", "got none")),
    (lambda: model_of().start(1, [[]]), ("sentence 0 is empty",)),
])
def test_mistakes_are_explained(make, words):
    with pytest.raises(ValueError) as caught:
        make()
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_float32_stays_float32():
    logits, weights = Seq2SeqTransformer(TINY)(batch().source, batch().target)
    assert isinstance(logits, Tensor) and logits.dtype == weights.dtype == "float32"
