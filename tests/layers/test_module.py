"""The tree of parameters, and the small layers."""
import pytest

from tinyseq import layers
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import at_step, host, manual_seed, to_host
from tinyseq.checks import gradcheck
from tinyseq.layers import Dropout, Embedding, Linear, Module, Parameter

np = host.np


class Block(Module):
    def __init__(self):
        self.first = Linear(3, 2)
        self.drop = Dropout(0.5)


class Net(Module):
    def __init__(self):
        self.blocks = [Block(), Block()]
        self.out = Linear(2, 4, bias=False)
        self.scale = Parameter(np.ones(2, "float32"))
        self.sizes = [1, 2]


def test_paths_and_names():
    net = Net()
    names = [name for name, _ in net.named_parameters()]
    assert set(names) == {"blocks.0.first.W", "blocks.0.first.b", "blocks.1.first.W", "blocks.1.first.b", "out.W",
                          "scale"}
    assert len(names) == len(net.parameters()) == 6
    assert net.blocks[1].drop.path == "blocks.1.drop" and net.out.path == "out" and net.path == ""
    assert net.count() == 2 * (6 + 2) + 8 + 2
    assert len(list(net.modules())) == 8


def test_a_part_that_is_added_later_gets_its_path():
    outer = Module()
    outer.net = Net()
    assert outer.net.blocks[0].first.path == "net.blocks.0.first"


def test_tied_parameters_appear_once():
    net = Net()
    net.blocks[1].first.W = net.blocks[0].first.W
    assert "blocks.1.first.W" not in dict(net.named_parameters()) and len(net.parameters()) == 5
    assert net.count() == 6 + 2 + 2 + 8 + 2


def test_a_misspelt_attribute_is_an_error():
    with pytest.raises(AttributeError):
        Net().ot


def test_state_dict_copies():
    net = Net()
    state = net.state_dict()
    state["out.W"][...] = 7
    assert not (net.out.W.numpy() == 7).any()
    net.load_state_dict(state)
    assert (net.out.W.numpy() == 7).all()
    state["out.W"][...] = 8
    assert (net.out.W.numpy() == 7).all()
    same = net.out.W
    net.load_state_dict({k: v.astype("float64") for k, v in state.items()})
    assert net.out.W is same and same.dtype == np.float32 and (same.numpy() == 8).all()


@pytest.mark.parametrize("spoil, message", [
    (lambda s: s.pop("out.W"), r"missing \['out.W'\], unknown none"),
    (lambda s: s.update(more=1), r"missing none, unknown \['more'\]"),
    (lambda s: s.update(scale=np.ones(3)), r"scale has shape \(3,\), here it is \(2,\)"),
])
def test_foreign_weights_change_nothing(spoil, message):
    net = Net()
    before, state = net.state_dict(), {name: value + 1 for name, value in Net().state_dict().items()}
    spoil(state)
    with pytest.raises(ValueError, match=message):
        net.load_state_dict(state)
    for name, p in net.named_parameters():
        assert np.array_equal(p.numpy(), before[name])


def test_astype_and_train_and_eval():
    net = Net()
    assert net.astype("float64") is net
    assert {p.dtype for p in net.parameters()} == {np.dtype("float64")}
    assert net.eval() is net and not any(m.training for m in net.modules())
    assert net.train() is net and all(m.training for m in net.modules())


def test_print():
    lines = repr(Net()).splitlines()
    assert lines[0] == "Net()  26 parameters"
    assert "  scale (2,)" in lines
    assert "  blocks.0: Block()  8 parameters" in lines
    assert "    first: Linear(3, 2)  8 parameters" in lines
    assert "W_xh (3, 8)  [i f g o]" in repr(layers.LSTM(3, 2))


# Linear and Embedding ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 5, 3), (0, 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_linear(shape, bias):
    layer = Linear(3, 2, bias=bias).astype("float64")
    x = tensor(np.random.default_rng(0).standard_normal(shape), requires_grad=True)
    right = x.numpy() @ layer.W.numpy() + (layer.b.numpy() if bias else 0)
    np.testing.assert_allclose(layer(x).numpy(), right, atol=1e-12)
    assert len(layer.parameters()) == 1 + bias
    gradcheck(layer, x, params=layer)


def test_initial_weights():
    manual_seed(0)
    a, b = Linear(100, 50), Linear(100, 50)
    assert a.W.dtype == np.float32 and abs(a.W.numpy()).max() <= 0.1 and a.W.numpy().std() > 0.05
    assert not np.array_equal(a.W.numpy(), b.W.numpy())
    manual_seed(0)
    assert np.array_equal(a.W.numpy(), Linear(100, 50).W.numpy())
    assert Embedding(100, 50).W.numpy().std() == pytest.approx(1, rel=0.05)


def test_embedding_is_one_hot_rows_times_W():
    layer = Embedding(5, 3).astype("float64")
    ids = np.array([[0, 4, 4], [2, 0, 4]])
    np.testing.assert_array_equal(layer(ids).numpy(), np.eye(5)[ids] @ layer.W.numpy())
    np.testing.assert_array_equal(layer(tensor(ids)).numpy(), layer(ids).numpy())
    gradcheck(lambda: layer(ids), params=layer)


@pytest.mark.parametrize("make, message", [
    (lambda: Linear(0, 2), "sizes of at least 1; got D=0, K=2"),
    (lambda: Linear(3, 2)(tensor(np.ones((4, 2), "float32"))), r"Linear: the last axis of x \(4, 2\) should be D=3"),
    (lambda: Net().out(tensor(np.ones((4, 3), "float32"))), r"Linear 'out': the last axis of x \(4, 3\) should be D=2"),
    (lambda: Embedding(3, 0), "got V=3, C=0"),
    (lambda: Embedding(3, 2)(np.array([3])), "go from 0 to 2; got 3"),
    (lambda: Embedding(3, 2)(np.array([0.5], "float32")), "whole numbers; got float32"),
    (lambda: Dropout(1.0), r"lies in \[0, 1\); got 1.0"),
])
def test_mistakes_are_explained(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# Dropout ----------------------------------------------------------------------------------------------------

def test_dropout_rescales_in_training_and_does_nothing_otherwise():
    layer, x = Dropout(0.25), tensor(np.ones((100, 40)), requires_grad=True)
    y = layer(x)
    assert set(np.unique(y.numpy())) == {0, 1 / 0.75} and abs((y.numpy() == 0).mean() - 0.25) < 0.03
    assert np.array_equal(gradients(y.sum(), [x])[0], y.numpy())
    assert not np.array_equal(layer(x).numpy(), y.numpy())
    assert layer.eval()(x) is x and Dropout(0)(x) is x


def test_dropout_masks_follow_seed_step_path_and_row():
    net, x = Net(), tensor(np.ones((6, 8)))
    first, second = net.blocks[0].drop, net.blocks[1].drop

    def mask(layer, step=1, rows=slice(0, 6)):
        with at_step(step, first_row=rows.start):
            return to_host(layer(x[rows]).data)
    whole = mask(first)
    assert np.array_equal(whole, mask(first))
    assert np.array_equal(whole, np.concatenate([mask(first, rows=slice(0, 2)), mask(first, rows=slice(2, 6))]))
    assert not np.array_equal(whole, mask(first, step=2)) and not np.array_equal(whole, mask(second))
    manual_seed(5)
    assert not np.array_equal(whole, mask(first))
    manual_seed(0)


def test_one_layer_called_twice_in_a_step_drops_twice():
    layer, x = Dropout(0.5), tensor(np.ones((6, 8)))
    with at_step(0):
        assert not np.array_equal(layer(x).numpy(), layer(x).numpy())
