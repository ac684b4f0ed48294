"""The checker of gradients: silent about right ones, and exact about wrong ones.

Faults are planted in the library's own source: a line of a module is replaced, and the changed copy is run.
"""
from pathlib import Path
from types import ModuleType

import pytest

from tinyseq import layers, ops
from tinyseq.autograd import OPS, op, tensor
from tinyseq.backend import host, to_device
from tinyseq.checks import GradientError, gradcheck
from tinyseq.layers.recurrent import gru, gru_cudnn, lstm, rnn

np = host.np
rng = np.random.default_rng(0)


def random(*shape):
    return tensor(rng.standard_normal(shape), requires_grad=True)


@pytest.fixture
def own_ops():
    """What a test adds to the table of ops is taken out again."""
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)


# Right gradients --------------------------------------------------------------------------------------------

def test_right_gradients_pass_and_the_report_says_what_was_checked():
    x, layer = random(4, 3), layers.Linear(3, 2).astype("float64")
    report = gradcheck(lambda x: ops.relu(layer(x)), x, params=layer)
    assert dict(report.checked) == {"input 0": (4, 3), "W": (3, 2), "b": (2,)}
    assert str(report).startswith("gradient right for 20 entries of 3 tensors")


@pytest.mark.parametrize("kind", [layers.RNN, layers.LSTM, layers.GRU])
def test_recurrent_layers(kind):
    layer = kind(3, 4, num_layers=2, bidirectional=True, dropout=0.5).astype("float64")
    report = gradcheck(lambda x: layer(x, lengths=[5, 2, 0])[0], random(3, 5, 3), params=layer)
    assert len(report.checked) == 1 + 4 * 3


def test_several_outputs_some_without_gradient():
    x = random(3, 4)
    gradcheck(lambda x: (*ops.split(x * x, 2), tensor(np.ones(2))), x)
    gradcheck(lambda x: layers.LSTM(4, 2).astype("float64")(x)[0] * 0 + x[:, :, :2], random(2, 3, 4))


def test_dropout_has_one_mask_throughout():
    gradcheck(layers.Dropout(0.5), random(6, 5))


def test_params_may_be_a_list_or_a_dict_and_other_inputs_pass_through():
    w = random(3)
    f = lambda n, word: w * n + len(word)
    assert gradcheck(f, 2.0, "word", params=[w]).checked == (("params[0]", (3,)),)
    assert gradcheck(f, 2.0, "word", params={"w": w}).checked == (("w", (3,)),)


def test_everything_is_put_back():
    x, layer = random(2, 4, 3), layers.LSTM(3, 2).astype("float64")
    tensors = [x, *layer.parameters()]
    before = [(t.data, t.data.copy()) for t in tensors]
    gradcheck(lambda x: layer(x)[0], x, params=layer)
    with pytest.raises(GradientError):
        gradcheck(lambda x: layer(x)[0] * x.detach().sum(), x, params=layer)
    for t, (array, copy) in zip(tensors, before, strict=True):
        assert t.data is array and np.array_equal(t.data, copy) and t.grad is None


# What cannot be checked -------------------------------------------------------------------------------------

def test_float32_is_refused_with_the_reason():
    with pytest.raises(ValueError, match="needs float64, and W is float32: rounding at 1e-7 would hide") as caught:
        gradcheck(lambda x: x, random(2), params=layers.Linear(2, 2))
    assert "module.astype('float64')" in str(caught.value)
    with pytest.raises(ValueError, match="input 1 is float32"):
        gradcheck(lambda n, x: x, 1, tensor([1.0], requires_grad=True))


def test_nothing_to_check():
    with pytest.raises(ValueError, match="nothing to check: no input requires a gradient"):
        gradcheck(lambda x: x, tensor(np.ones(2)))


def test_f_must_return_tensors():
    with pytest.raises(ValueError, match="needs f to return a Tensor or a tuple of Tensors; got"):
        gradcheck(lambda x: x.numpy(), random(2))


def test_a_kink_is_reported():
    with pytest.raises(GradientError, match="f has a kink here"):
        gradcheck(ops.relu, tensor(np.array([0.0, 1.0]), requires_grad=True))
    with pytest.raises(GradientError, match="f has a kink here"):
        gradcheck(ops.relu, tensor(np.array([1.0, 1e-13, 2.0]), requires_grad=True))
    with pytest.raises(GradientError, match="f has a kink here"):
        gradcheck(lambda x: x.max(), tensor(np.ones(3), requires_grad=True))
    gradcheck(ops.relu, tensor(np.array([0.004, -0.004, 1.0]), requires_grad=True))          # close by, but not there
    with pytest.raises(GradientError, match="or differs from call to call"):
        gradcheck(lambda x: x * np.random.default_rng().standard_normal(2), random(2))


@pytest.mark.parametrize("f", [lambda x: (x * 2).detach() * 3, lambda x: tensor(x.numpy() * 2)])
def test_a_broken_graph_is_reported(f):
    with pytest.raises(GradientError, match=r"f breaks the graph, perhaps by \.detach"):
        gradcheck(f, random(3))


# Wrong gradients --------------------------------------------------------------------------------------------

def test_the_worst_entry_is_named(own_ops):
    @op
    def cube(x):
        def backward(dy):
            dx = 3 * dy * x * x
            dx[1, 2] *= 2
            return (dx,)
        return x ** 3, backward
    with pytest.raises(GradientError, match=r"input 0 \(2, 3\): worst at \[1, 2\]: .*; 1 of 6 entries are wrong"):
        gradcheck(cube, random(2, 3))


def test_a_single_slightly_wrong_entry_among_many_is_found(own_ops):
    @op
    def double(x):
        def backward(dy):
            dx = 2 * dy
            dx[17, 3] *= 1.01
            return (dx,)
        return 2 * x, backward
    with pytest.raises(GradientError, match=r"worst at \[17, 3\].*; 1 of 400 entries"):
        gradcheck(double, random(20, 20))


def test_mistakes_that_cancel_in_a_plain_sum_are_found(own_ops):
    @op
    def swapped(x):
        return x * 1, lambda dy: (dy[::-1].copy(),)
    with pytest.raises(GradientError, match="2 of 2 entries are wrong"):
        gradcheck(swapped, random(2))


def test_a_forgotten_path_names_only_what_is_wrong():
    x, w = random(2, 3), random(3)
    with pytest.raises(GradientError) as caught:
        gradcheck(lambda x: x * w.detach() + w, x, params={"w": w})
    assert "  w (3,)" in str(caught.value) and "input 0" not in str(caught.value)


def planted(module, right, wrong):
    """A copy of a module in which one piece of source is replaced."""
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert source.count(right) == 1, f"{right!r} should stand once in {module.__file__}: mend this test"
    copy = ModuleType("planted")
    exec(compile(source.replace(right, wrong), "planted", "exec"), vars(copy))
    return copy


# module, the cell's class, what stands there, the fault, and what the message must say
FAULTS = {
    "lstm: the carry of dc is lost": (lstm, "LSTMCell", "    dc *= f   ", "    dc *= 0   ",
                                      ["gates i f g", "output steps t = 1-4"]),
    "lstm: the carry of dh is lost": (lstm, "LSTMCell", "xp.matmul(da, W_hh_T, out=dh[:n])", "dh[:n] = 0",
                                      ["W_hh (2, 8)", "output steps t = 1-4"]),
    "lstm: h_t for h_{t-1}": (lstm, "LSTMCell", "dW_hh = hs[:T].reshape", "dW_hh = hs[1:].reshape",
                              ["W_hh (2, 8)", "gates i f g o", "output steps t = 0-4"]),
    "lstm: the bias averaged over the batch": (lstm, "LSTMCell", "return dx, dh, dc, dW_xh, dW_hh, db_h",
                                               "return dx, dh, dc, dW_xh, dW_hh, db_h / B",
                                               ["b_h (8,)", "8 of 8 entries"]),
    "lstm: c_t for c_{t-1}": (lstm, "LSTMCell", "cs[t, :n], tanh_cs[t, :n], dh[:n]",
                              "cs[t + 1, :n], tanh_cs[t, :n], dh[:n]",
                              ["W_xh (3, 8): worst at", "(gate f)"]),
    "lstm: a forgotten factor": (lstm, "LSTMCell", "    da_o *= tanh_c\n", "", ["W_xh (3, 8): worst at", "(gate o)"]),
    "lstm: one row of the batch is left out": (lstm, "LSTMCell", "            das[t, n:] = 0\n",
                                               "            das[t, n:] = das[t, 0] = 0\n", ["W_xh", "input 0"]),
    "rnn: h_t for h_{t-1}": (rnn, "RNNCell", "dW_hh = hs[:T].reshape", "dW_hh = hs[1:].reshape", ["W_hh (2, 2)"]),
    "rnn: the derivative at the wrong place": (rnn, "RNNCell", "phi_backward(hs[t + 1, :n]",
                                               "phi_backward(hs[t, :n]", ["W_xh", "W_hh", "b_h", "input 0"]),
    "rnn: what comes from above is taken a step late": (rnn, "RNNCell", "dh[:n] += dhs[:n, t] ",
                                                        "dh[:n] += dhs[:n, min(t + 1, T - 1)] ",
                                                        ["output steps t = 0-4"]),
    "gru: r and z swapped": (gru, "GRUCell", "r, z, n = _blocks(gates[t, :alive_t])",
                             "z, r, n = _blocks(gates[t, :alive_t])", ["in gates r z n"]),
    "gru: the reset path is forgotten": (gru, "GRUCell", "    dh += ds\n", "", ["output steps t = 1-4"]),
    "gru: the candidate's product without its reset": (gru, "GRUCell", "ss.reshape(T * B, H).T @ rows[:, 2 * H:])",
                                                       "hs[:T].reshape(T * B, H).T @ rows[:, 2 * H:])",
                                                       ["(gate n)", "W_hh"]),
    "gru_cudnn: db_hn without its reset": (gru_cudnn, "CudnnGRUCell", "rows[:, 2 * H:].sum(axis=0)",
                                           "das.reshape(T * B, 3 * H)[:, 2 * H:].sum(axis=0)", ["b_hn (2,)"]),
    "gru_cudnn: the old state's share is lost": (gru_cudnn, "CudnnGRUCell", "    dh *= z  ", "    dh *= 0  ",
                                                 ["output steps t = 1-4"]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_found_and_located(fault, own_ops):
    module, cell, right, wrong, said = FAULTS[fault]
    numbers = np.random.default_rng(1)
    layer = getattr(planted(module, right, wrong), cell)(3, 2, "by_hand").astype("float64")
    state = layer.initial_state(4)
    for p in layer.parameters():
        p.data = to_device(numbers.standard_normal(p.shape))
    state = type(state)(*(tensor(numbers.standard_normal(s.shape)) for s in state))
    x = tensor(numbers.standard_normal((4, 5, 3)), requires_grad=True)
    with pytest.raises(GradientError) as caught:
        gradcheck(lambda x: layer(x, state, [4] * 5)[0], x, params=layer)
    message = str(caught.value)
    for part in said:
        assert part in message, message
    if "bias" in fault or "h_t for" in fault or "db_hn" in fault or "candidate's" in fault:
        assert len(message.splitlines()) <= 3 and "input 0" not in message, message        # only the one tensor


@pytest.mark.parametrize("right, wrong, gate", [("    da_o *= tanh_c\n", "", "o"), ("    da_f *= c_before\n", "", "f"),
                                                ("    da_i *= g\n", "", "i"), ("    da_g *= i\n", "", "g")])
def test_a_wrong_gate_is_the_only_one_that_is_named(right, wrong, gate, own_ops):
    layer = planted(lstm, right, wrong).LSTMCell(3, 2, "by_hand").astype("float64")
    state = type(layer.initial_state(4))(random(4, 2), random(4, 2))
    message = rf"W_xh .* \(gate {gate}\): .*; 6 of 24 entries are wrong, in gate {gate}\n"
    with pytest.raises(GradientError, match=message):
        gradcheck(lambda x: layer(x, state, [4])[0], random(4, 1, 3), params=layer)


@pytest.mark.parametrize("module, cell", [(rnn, "RNNCell"), (lstm, "LSTMCell"), (gru, "GRUCell"),
                                          (gru_cudnn, "CudnnGRUCell")])
def test_the_copies_are_right_when_nothing_is_planted(module, cell, own_ops):
    layer = getattr(planted(module, "Made with", "Made with"), cell)(3, 2, "by_hand").astype("float64")
    gradcheck(lambda x: layer(x, layer.initial_state(4), [4] * 5)[0], random(4, 5, 3), params=layer)


def test_input_steps_are_named(own_ops):
    @op
    def half_forgotten(x):
        def backward(dy):
            dx = 2 * dy
            dx[:, 3:5] = 0
            return (dx,)
        return 2 * x, backward
    with pytest.raises(GradientError) as caught:
        gradcheck(half_forgotten, random(2, 6, 3))
    assert "at input steps t = 3-4" in str(caught.value)
    assert "looks at output steps t = 3-4" in str(caught.value)
