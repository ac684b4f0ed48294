"""Encoders, bridges, decoders: values against loops, every gradient, one answer by several roads, what may be seen."""
from dataclasses import dataclass
from typing import Any

import pytest

from tinyseq import autograd, ops
from tinyseq.backend import at_step, host, manual_seed, to_host
from tinyseq.backend.strict import synchronisations
from tinyseq.checks import assert_batch_independent, assert_causal, assert_padding_invariant, gradcheck
from tinyseq.data.buckets import Rows
from tinyseq.decoding import greedy
from tinyseq.layers import (
    GRU,
    LSTM,
    RNN,
    AdditiveAttention,
    AttentionalOutput,
    BahdanauDecoder,
    ConcatAttention,
    ContextOutput,
    DotAttention,
    Embedding,
    Encoder,
    GeneralAttention,
    InputFeedingDecoder,
    LocalAttention,
    LuongDecoder,
    MultiHeadAttention,
    Output,
    PlainDecoder,
    PredictedCentre,
    Seq2Seq,
    StackState,
)
from tinyseq.optim import Adam
from tinyseq.training import loss_and_gradients

np = host.np
C, H, WIDTH, V_SOURCE, V = 3, 4, 3, 6, 5                   # the encoder has H/2 units a direction, so D_h = H
SOS, EOS = 1, 2
LENGTHS, TARGET_LENGTHS = [4, 2, 3], [2, 5, 3]
ATTENTIONS = {
    "additive": lambda: AdditiveAttention(H, H, 2), "dot": lambda: DotAttention(scaled=True),
    "general": lambda: GeneralAttention(H, H), "concat": lambda: ConcatAttention(H, H, 2),
    "monotonic": lambda: LocalAttention(GeneralAttention(H, H), 1),
    "predicted": lambda: LocalAttention(DotAttention(), 2, PredictedCentre(H, 2)),
    "heads": lambda: MultiHeadAttention(H, 2),
}
OUTPUTS = {"tanh": lambda **more: AttentionalOutput(H, H, WIDTH, V, **more),
           "context": lambda **more: ContextOutput(H, V, **more)}
DECODERS = ["plain", "luong", "input feeding", "bahdanau"]
LOOKING = DECODERS[1:]
every_decoder = pytest.mark.parametrize("decoder", DECODERS)
every_looking = pytest.mark.parametrize("decoder", LOOKING)


@pytest.fixture(autouse=True)
def seed():
    manual_seed(0)


def decoder_of(name, attention="additive", output="tanh", cell=GRU, layers=1, dropout=0.0):
    embedding, settings = Embedding(V, C), {"num_layers": layers}
    if name == "plain":
        return PlainDecoder(embedding, cell(C, H, **settings), Output(H, V, dropout), dropout)
    out = OUTPUTS[output](dropout=dropout)
    kind, D = {"luong": (LuongDecoder, C), "input feeding": (InputFeedingDecoder, C + out.width),
               "bahdanau": (BahdanauDecoder, C + H)}[name]
    return kind(embedding, cell(D, H, **settings), ATTENTIONS[attention](), out, dropout)


def model_of(name, two_way=True, cell=GRU, layers=1, dropout=0.0, **settings):
    """In float64, with weights large enough for attention to have a will."""
    units = H // 2 if two_way else H
    encoder = Encoder(Embedding(V_SOURCE, C), cell(C, units, num_layers=layers, bidirectional=two_way), dropout)
    decoder = decoder_of(name, cell=cell, layers=layers, dropout=dropout, **settings)
    model = Seq2Seq(encoder, decoder, SOS, EOS).astype("float64")
    for p in model.parameters():
        p.data = p.data * 2
    return model


@dataclass
class Batch(Rows):
    source: Any
    source_lengths: Any
    target: Any
    target_lengths: Any
    truth: Any = None


def batch_of(B=3, seed=0, **more):
    rng = np.random.default_rng(seed)
    lengths, target_lengths = (np.resize(n, B) for n in (LENGTHS, TARGET_LENGTHS))
    return Batch(rng.integers(0, V_SOURCE, (B, max(LENGTHS))), lengths,
                 rng.integers(0, V, (B, max(TARGET_LENGTHS))), target_lengths, **more)


def sentences(batch):
    return [row[:n] for row, n in zip(batch.source, batch.source_lengths, strict=True)]


def weight(model, name):
    return model.named_parameters()[name].numpy()


# The equations ----------------------------------------------------------------------------------------------

def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def gru(model, path, x, h):
    """One step of the book's GRU."""
    W, U, b = (weight(model, f"{path}.{name}") for name in ("W_xh", "W_hh", "b_h"))
    n = len(h)
    r = sigmoid(x @ W[:, :n] + h @ U[:, :n] + b[:n])
    z = sigmoid(x @ W[:, n:2 * n] + h @ U[:, n:2 * n] + b[n:2 * n])
    return (1 - z) * h + z * np.tanh(x @ W[:, 2 * n:] + (r * h) @ U[:, 2 * n:] + b[2 * n:])


def looked(model, s, hs):
    """Additive attention of one query."""
    W_q, W_k, v = (weight(model, f"decoder.attention.{name}") for name in ("W_q", "W_k", "v"))
    e = np.array([np.exp(v @ np.tanh(s @ W_q + h @ W_k)) for h in hs])
    alpha = e / e.sum()
    return sum(a * h for a, h in zip(alpha, hs, strict=True)), alpha


def written_out(model, name, output, source, ids):
    """Logits (Tq, V) and weights of one sentence, from the equations of the papers, a GRU in both."""
    xs = weight(model, "encoder.embedding.W")[source]
    forward, backward = [np.zeros(H // 2)], [np.zeros(H // 2)]
    for x, x_back in zip(xs, xs[::-1], strict=True):
        forward.append(gru(model, "encoder.stack.cells.0", x, forward[-1]))
        backward.append(gru(model, "encoder.stack.cells.1", x_back, backward[-1]))
    hs = np.concatenate([forward[1:], backward[:0:-1]], axis=1)
    s = np.tanh(np.concatenate([forward[-1], backward[-1]]) @ weight(model, "bridge.linears.0.W")
                + weight(model, "bridge.linears.0.b"))
    W_y, b_y = weight(model, "decoder.output.W_y"), weight(model, "decoder.output.b_y")
    u, ys, alphas = np.zeros(len(W_y)), [], []
    for e in weight(model, "decoder.embedding.W")[ids]:
        c, alpha = looked(model, s, hs) if name == "bahdanau" else (None, None)
        x = {"input feeding": lambda e=e, u=u: np.concatenate([e, u]),
             "bahdanau": lambda e=e, c=c: np.concatenate([e, c])}.get(name, lambda e=e: e)()
        s = gru(model, "decoder.stack.cells.0", x, s)
        if name in ("luong", "input feeding"):
            c, alpha = looked(model, s, hs)
        u = s if c is None else c if output == "context" else np.tanh(
            np.concatenate([c, s]) @ weight(model, "decoder.output.W_c"))
        ys.append(u @ W_y + b_y)
        alphas.append(alpha)
    return np.array(ys), alphas


@every_decoder
@pytest.mark.parametrize("output", OUTPUTS)
def test_the_equations(decoder, output):
    model, batch = model_of(decoder, output=output), batch_of()
    logits, weights = model(batch.source, batch.target, batch.source_lengths)
    for b, source in enumerate(sentences(batch)):
        ys, alphas = written_out(model, decoder, output, source, batch.target[b])
        np.testing.assert_allclose(logits.numpy()[b], ys, atol=1e-12)
        if decoder == "plain":
            assert weights is None
        else:
            np.testing.assert_allclose(weights.numpy()[b, :, :len(source)], alphas, atol=1e-12)


@pytest.mark.parametrize("cell", [GRU, LSTM])
def test_before_the_step_bahdanau_looks_by_the_last_layer(cell):
    model, batch = model_of("bahdanau", cell=cell, layers=2), batch_of()
    state = model.start(3, sentences(batch))
    weights = []
    for layer in (None, 0, 1):
        cells = StackState(s.map(lambda part: part * 2) if k == layer else s for k, s in enumerate(state.cells))
        weights.append(model.step(batch.target[:, 0], state._replace(cells=cells))[1].weights.numpy())
    assert np.array_equal(weights[0], weights[1]) and not np.allclose(weights[0], weights[2])


@every_decoder
def test_the_loss_is_that_of_what_comes_next(decoder):
    model, batch = model_of(decoder), batch_of()
    total, count = model.loss(batch)
    expected = 0.0
    for source, target, n in zip(sentences(batch), batch.target, batch.target_lengths, strict=True):
        ys, _ = written_out(model, decoder, "tanh", source, [SOS, *target[:n - 1]])
        expected -= sum(y[v] - np.log(np.exp(y).sum()) for y, v in zip(ys, target, strict=False))
    assert count == sum(TARGET_LENGTHS) and total.item() == pytest.approx(expected, rel=1e-12)


# Gradients --------------------------------------------------------------------------------------------------

@every_decoder
@pytest.mark.parametrize("cell, layers, two_way", [(GRU, 1, True), (LSTM, 2, True), (RNN, 2, False)])
def test_gradients_of_every_parameter(decoder, cell, layers, two_way):
    model, batch = model_of(decoder, two_way, cell, layers), batch_of()
    report = gradcheck(lambda: model.loss(batch)[0], params=model)
    assert len(report.checked) == len(model.parameters())


@every_looking
@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("output", OUTPUTS)
def test_gradients_with_every_attention_and_output(decoder, attention, output):
    model, batch = model_of(decoder, attention=attention, output=output), batch_of()
    gradcheck(lambda: model.loss(batch)[0], params=model)


@every_decoder
def test_gradients_of_every_input(decoder):
    """Of the source's and the target's symbols, through a table with a row for each place."""
    model, batch = model_of(decoder), batch_of()
    for part, ids in ((model.encoder, batch.source), (model.decoder, batch.target)):
        rows = np.arange(ids.size).reshape(ids.shape)
        part.embedding = Embedding(ids.size, C).astype("float64")
        setattr(batch, "source" if part is model.encoder else "target", rows)
    gradcheck(lambda: model(batch.source, batch.target, batch.source_lengths)[0], params=model)


# One answer by several roads --------------------------------------------------------------------------------

def by_step(model, state, ids):
    logits = []
    for column in ids.T:
        y, state = model.step(column, state)
        logits.append(y.numpy())
    return np.stack(logits, axis=1), state


@every_decoder
@pytest.mark.parametrize("attention", ["additive", "monotonic", "predicted", "heads"])
@pytest.mark.parametrize("cell, layers, two_way", [(GRU, 1, True), (LSTM, 2, True), (RNN, 1, False)])
def test_whole_step_by_step_in_chunks_and_one_by_one(decoder, attention, cell, layers, two_way):
    model, batch = model_of(decoder, two_way, cell, layers, attention=attention), batch_of()
    whole, weights = model(batch.source, batch.target, batch.source_lengths)
    start = model.start(3, sentences(batch))
    same = dict(rtol=1e-10, atol=1e-10)
    stepped, state = by_step(model, start, batch.target)
    np.testing.assert_allclose(stepped, whole.numpy(), **same)
    one, middle = model.decoder(batch.target[:, :2], start)
    two, last = model.decoder(batch.target[:, 2:], middle)
    np.testing.assert_allclose(np.concatenate([one.numpy(), two.numpy()], axis=1), whole.numpy(), **same)
    assert last.t == state.t == 5
    if weights is not None:
        parts = [middle.weights.numpy(), last.weights.numpy()]
        np.testing.assert_allclose(np.concatenate(parts, axis=-2), weights.numpy(), **same)
        np.testing.assert_allclose(state.weights.numpy(), weights.numpy()[..., -1:, :], **same)
    for b, source in enumerate(sentences(batch)):
        alone, _ = model(source[None], batch.target[b:b + 1])
        np.testing.assert_allclose(alone.numpy()[0], whole.numpy()[b], **same)


@every_decoder
def test_a_selected_state_goes_on_as_its_rows_would(decoder):
    model, batch = model_of(decoder), batch_of()
    _, state = by_step(model, model.start(3, sentences(batch)), batch.target[:, :2])
    rows = np.array([2, 0, 2])
    expected, _ = by_step(model, state, batch.target[:, 2:])
    found, _ = by_step(model, state.select(rows), batch.target[rows, 2:])
    np.testing.assert_allclose(found, expected[rows], atol=1e-12)
    assert state.select(rows).weights is None or len(state.select(rows).weights) == 3


@every_decoder
def test_by_tape_equals_by_hand(decoder):
    found = []
    for method in ("by_hand", "by_tape"):
        manual_seed(0)
        model = model_of(decoder, cell=lambda D, H, method=method, **s: GRU(D, H, method=method, **s))
        with at_step(0):
            total, _ = model.loss(batch_of())
        found.append([total.numpy(), *map(to_host, autograd.gradients(total, model.parameters()))])
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


@every_decoder
@pytest.mark.parametrize("truth", [None, 0.5])
def test_threads_change_nothing(decoder, truth):
    """Rows of a batch are shared out: with dropout, with drawn symbols, the gradient is the same."""
    model = model_of(decoder, dropout=0.3)
    batch = batch_of(5, truth=None if truth is None else np.full(5, truth))
    one, two = (loss_and_gradients(model, batch, threads, step=7) for threads in (1, 2))
    np.testing.assert_allclose(to_host(one[0]), to_host(two[0]), rtol=1e-12)
    for g, other in zip(one[1], two[1], strict=True):
        np.testing.assert_allclose(to_host(g), to_host(other), atol=1e-12)


@every_decoder
def test_float32_stays_float32(decoder):
    model = model_of(decoder).astype("float32")
    for truth in (None, np.full(3, 0.5)):
        total, _ = model.loss(batch_of(truth=truth))
        assert total.dtype == "float32"
        assert all(g.dtype == "float32" for g in autograd.gradients(total, model.parameters()))
    model.encoder.embedding.W.data = model.encoder.embedding.W.data.astype("float64")
    with pytest.raises(ValueError, match="float32 and float64"):
        model.loss(batch_of())


@every_decoder
@pytest.mark.parametrize("truth", [None, 0.5])
def test_a_training_step_never_waits(decoder, truth):
    model = model_of(decoder, dropout=0.3)
    batch = batch_of(truth=None if truth is None else np.full(3, truth))
    with synchronisations() as seen:
        loss_and_gradients(model, batch, 1, step=0)
    assert seen.count == 0, str(seen)


# What may be seen -------------------------------------------------------------------------------------------

@every_decoder
def test_a_step_knows_no_later_symbol(decoder):
    model, batch = model_of(decoder), batch_of()
    assert_causal(lambda ids: model(batch.source, ids, batch.source_lengths)[0], batch.target)


@every_decoder
@pytest.mark.parametrize("attention", ATTENTIONS)
def test_padding_of_the_source_changes_nothing(decoder, attention):
    model, batch = model_of(decoder, attention=attention), batch_of()
    assert_padding_invariant(lambda ids: model(ids, batch.target, batch.source_lengths)[0], batch.source,
                             batch.source_lengths)
    wider = np.concatenate([batch.source, np.zeros((3, 4), int)], axis=1)
    one, other = (model(ids, batch.target, batch.source_lengths)[0].numpy() for ids in (batch.source, wider))
    np.testing.assert_allclose(one, other, atol=1e-12)


@every_decoder
def test_padding_of_the_target_changes_nothing(decoder):
    model = model_of(decoder)
    batches = [batch_of(), batch_of()]
    behind = np.arange(5) >= np.array(TARGET_LENGTHS)[:, None]
    batches[1].target[behind] = (batches[1].target[behind] + 1) % V
    assert (batches[0].target != batches[1].target).any()
    one, other = ([to_host(total.data), *map(to_host, autograd.gradients(total, model.parameters()))]
                  for total, _ in map(model.loss, batches))
    for a, b in zip(one, other, strict=True):
        assert np.array_equal(a, b)


@every_decoder
def test_rows_do_not_know_each_other(decoder):
    model, batch = model_of(decoder), batch_of()
    assert_batch_independent(lambda ids: model(ids, batch.target, batch.source_lengths)[0], batch.source)
    assert_batch_independent(lambda ids: model(batch.source, ids, batch.source_lengths)[0], batch.target)


@every_looking
@pytest.mark.parametrize("attention", [name for name in ATTENTIONS if name != "predicted"])
def test_weights_are_shares_of_the_live_source(decoder, attention):
    model, batch = model_of(decoder, attention=attention), batch_of()
    weights = model(batch.source, batch.target, batch.source_lengths)[1].numpy()
    heads = (2,) if attention == "heads" else ()
    assert weights.shape == (3, *heads, 5, 4)
    for alpha, n in zip(weights, LENGTHS, strict=True):
        assert not alpha[..., n:].any()
        total = alpha.sum(-1)
        np.testing.assert_allclose(total[total > 0], 1)    # a window behind the end of a short source holds nothing
        assert attention == "monotonic" or (total > 0).all()


@every_looking
def test_the_map_of_an_answer(decoder):
    model, batch = model_of(decoder), batch_of()
    source, answer = sentences(batch)[1], [3, 0, EOS]
    weights = model(source[None], np.array([[SOS, 3, 0]]))[1].numpy()[0]
    found = to_host(model.attention_map(source, answer))
    assert found.shape == (3, 2)
    np.testing.assert_allclose(found, weights, atol=1e-12)


def test_dropout_changes_training_alone():
    model, batch = model_of("luong", dropout=0.5), batch_of()
    with at_step(0):
        training = model.loss(batch)[0].item()
    with at_step(1):
        assert model.loss(batch)[0].item() != training
    model.eval()
    plain = model_of("luong")
    plain.load_state_dict(model.state_dict())
    assert model.loss(batch)[0].item() == plain.loss(batch)[0].item() != training


# The bridge -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("cell", [RNN, GRU, LSTM])
def test_equal_states_are_handed_on_as_they_are(cell):
    model, batch = model_of("plain", two_way=False, cell=cell, layers=2), batch_of()
    assert model.bridge.parameters() == []
    encoded = model.encoder(batch.source, batch.source_lengths)
    assert model.start(3, sentences(batch)).cells is not None and model.bridge(encoded.state) is encoded.state


def test_a_bridge_joins_both_directions_layer_by_layer():
    model, batch = model_of("plain", cell=LSTM, layers=2), batch_of()
    encoded, linears = model.encoder(batch.source, batch.source_lengths), model.bridge.linears
    assert [linear.W.shape for linear in linears] == [(H, H)] * 4
    crossed = model.bridge(encoded.state)
    for layer in range(2):
        forward, backward = encoded.state[2 * layer:2 * layer + 2]
        for k, (f, b) in enumerate(zip(forward, backward, strict=True)):
            ends = np.concatenate([f.numpy(), b.numpy()], axis=1)
            linear = linears[2 * layer + k]
            expected = np.tanh(ends @ linear.W.numpy() + linear.b.numpy())
            np.testing.assert_allclose(crossed[layer][k].numpy(), expected, atol=1e-12)


def test_a_bridge_changes_the_size():
    encoder, decoder = Encoder(Embedding(V_SOURCE, C), RNN(C, 2)), decoder_of("plain", cell=GRU)
    model = Seq2Seq(encoder, decoder, SOS, EOS)
    assert [p.shape for p in model.bridge.parameters()] == [(2, H), (H,)]
    assert np.isfinite(model.loss(batch_of())[0].item())


# It learns --------------------------------------------------------------------------------------------------

@every_decoder
def test_it_learns_by_heart(decoder):
    model = model_of(decoder)
    rng = np.random.default_rng(0)
    source = rng.integers(0, V_SOURCE, (4, 4))
    target = np.concatenate([rng.integers(3, V, (4, 3)), np.full((4, 1), EOS)], axis=1)
    batch = Batch(source, np.full(4, 4), target, np.full(4, 4))
    optimiser = Adam(model.parameters(), 0.05)
    for _ in range(120):
        loss, count = model.loss(batch)
        optimiser.zero_grad()
        (loss / count).backward()
        optimiser.step()
    assert model.loss(batch)[0].item() / count < 0.1
    assert [answer.ids for answer in greedy(model, source, 6)] == target.tolist()


# What is refused --------------------------------------------------------------------------------------------

def of_sizes(**changes):
    batch = batch_of()
    for name, value in changes.items():
        setattr(batch, name, np.array(value))
    return model_of("luong").loss(batch)


def start(source, B=None):
    return model_of("bahdanau").start(len(source) if B is None else B, source)


@pytest.mark.parametrize("call, words", [
    (lambda: Encoder(Embedding(6, 3), GRU(4, 2)), ("Encoder", "C = 3", "D=4", "GRU(3, 2)")),
    (lambda: PlainDecoder(Embedding(5, 3), LSTM(4, 2), Output(2, 5)), ("PlainDecoder", "C = 3", "LSTM(3, 2)")),
    (lambda: PlainDecoder(Embedding(5, 3), GRU(3, 2, bidirectional=True), Output(4, 5)),
     ("PlainDecoder", "one direction", "bidirectional=True")),
    (lambda: PlainDecoder(Embedding(5, 3), GRU(3, 2), Output(2, 6)), ("V=5", "V=6")),
    (lambda: LuongDecoder(Embedding(5, 3), GRU(7, 4), DotAttention(), ContextOutput(4, 5)), ("C = 3", "D=7")),
    (lambda: BahdanauDecoder(Embedding(5, 3), GRU(3, 4), DotAttention(), ContextOutput(4, 5)),
     ("BahdanauDecoder", "C + D_h = 7", "D=3")),
    (lambda: InputFeedingDecoder(Embedding(5, 3), GRU(3, 4), DotAttention(), AttentionalOutput(4, 4, 6, 5)),
     ("InputFeedingDecoder", "C + width = 9", "GRU(9, 4)")),
    (lambda: PlainDecoder(Embedding(5, 3), GRU(3, 4), AttentionalOutput(4, 4, 4, 5)),
     ("PlainDecoder", "Output(H, V)", "AttentionalOutput")),
    (lambda: LuongDecoder(Embedding(5, 3), GRU(3, 4), DotAttention(), Output(4, 5)),
     ("LuongDecoder", "AttentionalOutput or a ContextOutput", "got Output")),
    (lambda: Output(0, 5), ("Output", "width=0")), (lambda: ContextOutput(4, 0), ("ContextOutput", "V=0")),
    (lambda: Seq2Seq(Encoder(Embedding(6, C), GRU(C, H, num_layers=2)), decoder_of("plain"), 1, 2),
     ("2 layers", "decoder 1", "equally deep")),
    (lambda: Seq2Seq(Encoder(Embedding(6, C), LSTM(C, H)), decoder_of("plain"), 1, 2), ("LSTM and GRU", "one kind")),
    (lambda: Seq2Seq(Encoder(Embedding(6, C), GRU(C, H)), decoder_of("plain"), 2, 2), ("two different ids", "sos=2")),
    (lambda: Seq2Seq(Encoder(Embedding(6, C), GRU(C, H)), decoder_of("plain"), 1, 5), ("V-1=4", "eos=5")),
    (lambda: Seq2Seq(Encoder(Embedding(6, C), GRU(C, 3)), decoder_of("luong"), 1, 2).loss(batch_of()),
     ("AdditiveAttention 'decoder.attention'", "D_key=4")),
    (lambda: Seq2Seq(Encoder(Embedding(6, C), GRU(C, 3)), LuongDecoder(
        Embedding(V, C), GRU(C, H), GeneralAttention(H, 3), ContextOutput(4, V)), 1, 2).loss(batch_of()),
     ("ContextOutput 'decoder.output'", "D_context=4", "width 3")),
    (lambda: of_sizes(source_lengths=[4, 0, 3]), ("source sentence 1 is empty", "leave it out")),
    (lambda: of_sizes(source_lengths=[4, 5, 3]), ("Encoder 'encoder'", "T=4", "sentence 1 has 5")),
    (lambda: of_sizes(source_lengths=[4, 2]), ("B=3", "(2,)")),
    (lambda: of_sizes(source_lengths=[4.0, 2.0, 1.0]), ("whole numbers", "float64")),
    (lambda: of_sizes(source=[0, 1, 2]), ("Encoder 'encoder': source", "ids (B, T)", "(3,)")),
    (lambda: of_sizes(source=np.zeros((3, 0), int)), ("at least one symbol", "(3, 0)")),
    (lambda: of_sizes(target=[0, 1, 2]), ("target is an array of ids (B, T)", "(3,)")),
    (lambda: model_of("plain").encoder([[1, 2]]), ("ids (B, T)", "list")),
    (lambda: of_sizes(target_lengths=[0, 5, 3]), ("target sentence 0 is empty",)),
    (lambda: of_sizes(target_lengths=[2, 6, 3]), ("target lengths", "T=5", "sentence 1 has 6")),
    (lambda: of_sizes(source=np.zeros((2, 4), int)), ("2 sources and 3 targets",)),
    (lambda: of_sizes(source=np.full((3, 4), V_SOURCE)), ("Embedding 'encoder.embedding'", "V=6", "got 6")),
    (lambda: of_sizes(target=np.full((3, 5), -1)), ("Embedding 'decoder.embedding'", "got -1")),
    (lambda: start([[1, 2], []]), ("sentence 1 is empty", "at least one symbol")),
    (lambda: start([]), ("a list of sentences, at least one",)),
    (lambda: start([1, 2]), ("a list of sentences", "[sentence]")),
    (lambda: start([[1, 2]], B=2), ("start(B=2, source)", "got 1")),
    (lambda: model_of("plain").start(1), ("start(B=1, source)", "got none")),
    (lambda: start([[1, 9]]), ("Embedding 'encoder.embedding'", "got 9")),
    (lambda: model_of("plain").attention_map([1], [2]), ("PlainDecoder has no attention",)),
    (lambda: model_of("luong").attention_map([1], []), ("answer: sentence 0 is empty",)),
])
def test_mistakes_are_explained(call, words):
    with pytest.raises(ValueError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    for word in words:
        assert word in text, text


def test_one_mask_for_all_steps_cannot_be_had_step_by_step():
    for decoder, truth in (("bahdanau", None), ("plain", np.full(3, 0.5))):
        model = model_of(decoder, cell=lambda D, H, **s: GRU(D, H, recurrent_dropout=0.3, **s))
        with pytest.raises(ValueError, match=r"Decoder 'decoder' goes step by step.*recurrent_dropout"):
            model.loss(batch_of(truth=truth))
        assert np.isfinite(model.eval().loss(batch_of())[0].item())
    model = model_of("plain", cell=lambda D, H, **s: GRU(D, H, recurrent_dropout=0.3, **s))
    assert np.isfinite(ops.sum(model.loss(batch_of())[0]).item())
