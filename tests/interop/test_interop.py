"""The conversions themselves. That they give PyTorch's numbers is shown in tests/oracle."""
from itertools import count

import pytest

from tinyseq.backend import host, to_host, xp
from tinyseq.interop import from_pytorch, to_pytorch
from tinyseq.layers import (
    GRU,
    LSTM,
    RNN,
    BatchNorm1d,
    BatchNorm2d,
    Conv1d,
    Conv2d,
    Dropout,
    Embedding,
    LayerNorm,
    Linear,
    MultiHeadAttention,
    RMSNorm,
    TransformerBlock,
    TransformerDecoderBlock,
)

np = host.np
SEEDS = count()
STACKS = [RNN, LSTM, lambda *a, **k: GRU(*a, **k, variant="cudnn")]
BLOCKS = list(zip(STACKS, [1, 4, 3], strict=True))


def shaken(layer):
    """Norms start at 1 and 0, all alike."""
    rng = np.random.default_rng(next(SEEDS))
    layer.load_state_dict({name: a + xp.asarray(rng.random(a.shape, a.dtype))
                           for name, a in layer.state_dict().items()})
    return layer


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(to_host(a[name]), to_host(b[name])) for name in a)


@pytest.mark.parametrize("make", [
    lambda: Linear(3, 4), lambda: Linear(3, 4, bias=False), lambda: Embedding(5, 2),
    lambda: Conv1d(2, 4, 3, groups=2), lambda: Conv2d(2, 3, (1, 2)), lambda: Conv2d(2, 3, 2, bias=False),
    lambda: MultiHeadAttention(6, 3), lambda: MultiHeadAttention(6, 2, bias=False),
    lambda: shaken(TransformerBlock(6, 3, FF=5)), lambda: shaken(TransformerBlock(6, 2, "post", "relu", bias=False)),
    lambda: shaken(TransformerDecoderBlock(6, 3, FF=5)), lambda: shaken(TransformerDecoderBlock(6, 2, bias=False)),
    *(lambda make=make: shaken(make(4)) for make in (LayerNorm, RMSNorm, BatchNorm1d, BatchNorm2d)),
    *(lambda make=make, n=n, both=both: make(3, 4, num_layers=n, bidirectional=both)
      for make in STACKS for n in (1, 3) for both in (False, True)),
])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_there_and_back(make, dtype):
    one, other = make().astype(dtype), make().astype(dtype)
    assert not same(one.state_dict(), other.state_dict())
    theirs = to_pytorch(one)
    assert all(type(a) is np.ndarray and a.flags.c_contiguous for a in theirs.values())
    assert {a.dtype for name, a in theirs.items() if name != "num_batches_tracked"} == {np.dtype(dtype)}
    from_pytorch(other, theirs)
    assert same(one.state_dict(), other.state_dict())


@pytest.mark.parametrize(("make", "k"), BLOCKS)
def test_names_and_shapes_are_pytorchs(make, k):
    shapes = {name: a.shape for name, a in to_pytorch(make(3, 4, num_layers=2, bidirectional=True)).items()}
    expected = {}
    for end in ("", "_reverse"):
        for layer, D in ((0, 3), (1, 8)):
            expected |= {f"weight_ih_l{layer}{end}": (4 * k, D), f"weight_hh_l{layer}{end}": (4 * k, 4),
                         f"bias_ih_l{layer}{end}": (4 * k,), f"bias_hh_l{layer}{end}": (4 * k,)}
    assert shapes == expected


def test_names_of_a_transformers_layers_are_pytorchs():
    encoder, decoder = to_pytorch(TransformerBlock(4, 2, FF=5)), to_pytorch(TransformerDecoderBlock(4, 2, FF=5))
    heads = {"in_proj_weight": (12, 4), "in_proj_bias": (12,), "out_proj.weight": (4, 4), "out_proj.bias": (4,)}
    expected = {f"self_attn.{name}": shape for name, shape in heads.items()}
    expected |= {"linear1.weight": (5, 4), "linear1.bias": (5,), "linear2.weight": (4, 5), "linear2.bias": (4,)}
    expected |= {f"norm{i}.{name}": (4,) for i in (1, 2) for name in ("weight", "bias")}
    assert {name: a.shape for name, a in encoder.items()} == expected
    expected |= {f"multihead_attn.{name}": shape for name, shape in heads.items()}
    expected |= {f"norm3.{name}": (4,) for name in ("weight", "bias")}
    assert {name: a.shape for name, a in decoder.items()} == expected


@pytest.mark.parametrize(("make", "k"), BLOCKS)
def test_two_biases_become_one(make, k):
    layer = make(3, 4)
    theirs = to_pytorch(layer)
    b_ih, b_hh = np.arange(4.0 * k), 100 + np.arange(4.0 * k)
    from_pytorch(layer, {**theirs, "bias_ih_l0": b_ih, "bias_hh_l0": b_hh})
    b_h = to_host(layer.cells[0].b_h.data)
    back = to_pytorch(layer)
    if k == 3:
        assert b_h.tolist() == [*(b_ih + b_hh)[:8], *b_ih[8:]]
        assert to_host(layer.cells[0].b_hn.data).tolist() == b_hh[8:].tolist()
        assert back["bias_hh_l0"].tolist() == [0] * 8 + b_hh[8:].tolist()
    else:
        assert b_h.tolist() == (b_ih + b_hh).tolist()
        assert not back["bias_hh_l0"].any()
    assert back["bias_ih_l0"].tolist() == b_h.tolist()


def test_what_comes_out_is_a_copy():
    layer = Embedding(3, 2)
    before = layer.state_dict()
    to_pytorch(layer)["weight"][...] = 7
    assert same(layer.state_dict(), before)
    theirs = to_pytorch(layer)
    from_pytorch(layer, theirs)
    theirs["weight"][...] = 7
    assert same(layer.state_dict(), before)


def test_anything_that_detaches_counts_as_a_tensor():
    class Tensor:
        def detach(self): return self
        def cpu(self): return self
        def numpy(self): return np.full((2, 3), 5.0)
    layer = Linear(3, 2, bias=False)
    from_pytorch(layer, {"weight": Tensor()})
    assert layer.W.dtype == xp.float32 and (to_host(layer.W.data) == 5).all()


@pytest.mark.parametrize("spoil", [
    lambda d: {name: a for name, a in d.items() if name != "bias_hh_l0"},
    lambda d: {**d, "weight_hr_l0": d["weight_hh_l0"]},
    lambda d: {f"rnn.{name}": a for name, a in d.items()},
    lambda d: {**d, "weight_ih_l0": d["weight_ih_l0"].T},
    lambda d: {**d, "bias_hh_l0": d["bias_hh_l0"][:-1]},
    lambda d: {**d, "bias_hh_l0": np.zeros(())},
    lambda d: {**d, "bias_hh_l0": d["bias_hh_l0"].astype("int64")},
    lambda d: {**d, "bias_hh_l0": d["bias_hh_l0"] + 1j},
    lambda d: {},
])
@pytest.mark.parametrize("make", STACKS)
def test_weights_that_do_not_fit_change_nothing(make, spoil):
    layer = make(3, 4)
    before = layer.state_dict()
    theirs = {name: a + 1 for name, a in to_pytorch(layer).items()}
    with pytest.raises(ValueError, match=r"l0") as caught:
        from_pytorch(layer, spoil(theirs))
    assert "\n" not in str(caught.value)
    assert same(layer.state_dict(), before)


@pytest.mark.parametrize("make", [
    lambda: Linear(3, 4), lambda: Embedding(5, 2), lambda: Conv1d(2, 4, 3), lambda: Conv2d(2, 3, 2),
    lambda: LayerNorm(4), lambda: RMSNorm(4), lambda: BatchNorm1d(4), lambda: BatchNorm2d(4),
    lambda: MultiHeadAttention(6, 3), lambda: TransformerBlock(4, 2, FF=3), lambda: TransformerDecoderBlock(4, 2, FF=3),
    *(lambda make=make: make(3, 4) for make in STACKS),
])
def test_every_weight_is_asked_for_by_name_shape_and_kind(make):
    layer = make()
    before, theirs = layer.state_dict(), {name: a + 1 for name, a in to_pytorch(layer).items()}
    spoilt = [{**theirs, "more": np.ones(1, "float32")}, {}, None, list(theirs.values())]
    for name, a in theirs.items():
        spoilt.append({other: b for other, b in theirs.items() if other != name})
        spoilt += [{**theirs, name: b} for b in (np.ones((*a.shape, 2), a.dtype), a + 1j, a > 0)]
    for state_dict in spoilt:
        with pytest.raises(ValueError):
            from_pytorch(layer, state_dict)
    assert same(layer.state_dict(), before)
    from_pytorch(layer, {name: a.astype("float64") if a.dtype.kind == "f" else a for name, a in theirs.items()})
    assert not same(layer.state_dict(), before)


@pytest.mark.parametrize(("layer", "message"), [
    (GRU(3, 4), 'variant="cudnn"'), (RNN(3, 4, nonlinearity="sigmoid"), "tanh and relu; this layer has sigmoid"),
    (TransformerBlock(4, 2, activation="swiglu"), "activations relu and gelu; this block has swiglu"),
    (TransformerDecoderBlock(4, 2, positions="alibi"), "no positions inside; this block has alibi"),
    (Dropout(0.5), "Dropout has no conversion.*Linear, Embedding, Conv1d, .*MultiHeadAttention, .*RNN, LSTM, GRU"),
])
def test_layers_that_pytorch_does_not_have(layer, message):
    for convert in (to_pytorch, lambda layer: from_pytorch(layer, {})):
        with pytest.raises(ValueError, match=message):
            convert(layer)
