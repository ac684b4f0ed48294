"""The tree of parameters and buffers, and the small layers."""
import copy
import pickle

import pytest

from tinyseq import layers, ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import at_step, host, manual_seed, to_device, to_host
from tinyseq.checks import gradcheck
from tinyseq.layers import Buffer, Dropout, Embedding, Linear, Module, Parameter, Sequential

np = host.np


class Block(Module):
    def __init__(self):
        self.first = Linear(3, 2)
        self.drop = Dropout(0.5)


class Net(Module):
    def __init__(self):
        self.blocks = [Block(), Block()]
        self.out = Linear(2, 4, bias=False)
        self.scale = Parameter(to_device(np.ones(2, "float32")))
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


class Counter(Module):
    """Has a buffer, of its own and below."""

    def __init__(self):
        self.scale = Parameter(to_device(np.ones(2, "float32")))
        self.seen = Buffer(to_device(np.zeros(2, "float32")))
        self.hidden = Buffer(to_device(np.array([True, False])))

    @property
    def broken(self):
        return self.scael


def test_buffers_are_state_but_no_parameters():
    net = Net()
    net.counters = [Counter(), Counter()]
    assert len(net.buffers()) == 4 and net.count() == 26 + 4
    assert not {"counters.0.seen", "counters.0.hidden"} & dict(net.named_parameters()).keys()
    state = net.state_dict()
    assert {"counters.0.seen", "counters.1.hidden", "counters.0.scale"} <= state.keys()
    state["counters.1.seen"][...] = 5
    same = net.counters[1].seen
    net.load_state_dict(state)
    assert net.counters[1].seen is same and (same.numpy() == 5).all() and (net.counters[0].seen.numpy() == 0).all()
    del state["counters.1.seen"]
    with pytest.raises(ValueError, match=r"missing \['counters.1.seen'\]"):
        net.load_state_dict(state)
    net.astype("float64")
    assert same.dtype == np.float64 and net.counters[0].hidden.dtype == bool
    assert "    seen (2,)  buffer" in repr(net).splitlines()
    dscale, = gradients((net.counters[0].seen * net.counters[0].scale).sum(), net.counters[0].parameters())
    assert to_host(dscale).tolist() == [0, 0]


# Names that do not exist ------------------------------------------------------------------------------------

@pytest.mark.parametrize("ask, message", [
    (lambda net: net.ot, r"^Net has no attribute 'ot'; did you mean 'out'\?$"),
    (lambda net: net.blocks[1].frist, r"^Block 'blocks.1' has no attribute 'frist'; did you mean 'first'\?$"),
    (lambda net: net.named_parameter(), "did you mean 'named_parameters'"),
    (lambda net: net.W, r"^Net has no attribute 'W'; did you mean 'blocks.0.first.W'\?$"),
    (lambda net: net.out.w, r"^Linear 'out' has no attribute 'w'; did you mean 'W'\?$"),
    (lambda net: net.something_else_altogether, r"^Net has no attribute 'something_else_altogether'$"),
    (lambda net: layers.LSTM(3, 2).cells[0].W_hx,
     r"^LSTMCell 'cells.0' has no attribute 'W_hx'; did you mean 'W_xh'\?$"),
    (lambda net: layers.LSTM(3, 2).W_hx, r"^LSTM has no attribute 'W_hx'; did you mean 'cells.0.W_xh'\?$"),
    (lambda net: Counter().broken, r"^Counter has no attribute 'scael'; did you mean 'scale'\?$"),
])
def test_a_misspelt_attribute_is_an_error(ask, message):
    with pytest.raises(AttributeError, match=message):
        ask(Net())


def test_whether_there_is_an_attribute_can_be_asked():
    assert hasattr(Net(), "out") and not hasattr(Net(), "ot") and getattr(Net(), "ot", 3) == 3


@pytest.mark.parametrize("name, message", [
    ("cells.0.W_hx", r"^there is no parameter 'cells.0.W_hx'; did you mean 'cells.0.W_xh'\?$"),
    ("cell.1.W_hh", "did you mean 'cells.1.W_hh'"), ("b_h", "did you mean 'cells.0.b_h'"),
    ("training", "^there is no parameter 'training'$")])
def test_parameters_by_name(name, message):
    lstm = layers.LSTM(3, 2, num_layers=2)
    named = lstm.named_parameters()
    assert named["cells.1.W_hh"] is lstm.cells[1].W_hh and len(named) == 6
    assert named[0] == ("cells.0.W_xh", lstm.cells[0].W_xh) and dict(named) == {name: p for name, p in named}
    with pytest.raises(ValueError, match=message):
        named[name]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_computes_the_same(copied):
    model = Sequential(Linear(3, 4), ops.tanh, layers.BatchNorm1d(4))
    model[2].running_mean.data = model[2].running_mean.data + 0.5
    other, x = copied(model.eval()), tensor(np.ones((2, 3), "float32"))
    np.testing.assert_array_equal(other(x).numpy(), model(x).numpy())
    assert other.state_dict().keys() == model.state_dict().keys() and not other.training
    assert other[2].path == "2" and other is not model
    with pytest.raises(AttributeError, match="did you mean 'layers'"):
        other.layer


def test_a_deep_copy_is_apart_and_keeps_what_is_tied():
    net = Net()
    net.blocks[1].first.W = net.blocks[0].first.W
    other = copy.deepcopy(net)
    assert other.blocks[1].first.W is other.blocks[0].first.W is not net.blocks[0].first.W
    other.out.W.data[...] = 7
    assert not (net.out.W.numpy() == 7).any()


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
    (lambda s: s.update(more=1), r"missing none, unknown \['more'\]; load"),
    (lambda s: s.update({"out.w": s.pop("out.W")}),
     r"missing \['out.W'\], unknown \['out.w'\] \('out.w' may be 'out.W'\); load"),
    (lambda s: s.clear(), r"missing \['blocks.0.first.W', .*'\] and 2 more, unknown none"),
    (lambda s: s.update(scale=np.ones(3)), r"scale has shape \(3,\), here it is \(2,\)"),
])
def test_foreign_weights_change_nothing(spoil, message):
    net = Net()
    before, state = net.state_dict(), {name: value + 1 for name, value in Net().state_dict().items()}
    spoil(state)
    with pytest.raises(ValueError, match=message):
        net.load_state_dict(state)
    for name, p in net.named_parameters():
        assert np.array_equal(p.numpy(), to_host(before[name]))


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
    assert np.array_equal(to_host(gradients(y.sum(), [x])[0]), y.numpy())
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


# Sequential -------------------------------------------------------------------------------------------------

def test_sequential():
    manual_seed(0)
    model = Sequential(Linear(3, 4), ops.tanh, Dropout(0.5), Linear(4, 2)).astype("float64").eval()
    x = tensor(np.random.default_rng(0).standard_normal((5, 3)), requires_grad=True)
    np.testing.assert_array_equal(model(x).numpy(), model[3](ops.tanh(model[0](x))).numpy())
    assert len(model) == 4 and [*model] == [model[0], ops.tanh, model[2], model[-1]]
    assert [name for name, _ in model.named_parameters()] == ["0.W", "0.b", "3.W", "3.b"]
    assert model[3].path == "3" and not model[2].training
    assert repr(model).splitlines()[0] == "Sequential(Linear, tanh, Dropout, Linear)  26 parameters"
    gradcheck(model, x, params=model)


def test_sequential_inside_another_and_empty():
    outer = Sequential(Sequential(Linear(3, 4)), Linear(4, 2))
    assert [name for name, _ in outer.named_parameters()] == ["0.0.W", "0.0.b", "1.W", "1.b"]
    assert outer[0][0].path == "0.0"
    x = tensor([1.0])
    assert Sequential()(x) is x


@pytest.mark.parametrize("wrong, message", [
    ([Linear(3, 4)], r"number 0 is a list\. .* write Sequential\(\*list\)"),
    (Linear, "number 0 is the class Linear. Make a layer of a class"), (3, "number 0 is a int")])
def test_what_sequential_refuses(wrong, message):
    with pytest.raises(ValueError, match=message):
        Sequential(wrong)
