"""Mistakes in the by-hand recurrent gradients: the right place is named, though their effects are everywhere.

Faults are planted in the library's own source: a piece of a module is replaced, and the changed copy is run.
"""
from pathlib import Path
from types import ModuleType

import pytest

from tinyseq import layers
from tinyseq.autograd import OPS, tensor
from tinyseq.backend import host, to_device
from tinyseq.checks import GradientError, gradcheck
from tinyseq.layers.recurrent import gru, gru_cudnn, lstm, rnn

np = host.np


def planted(module, right, wrong):
    """A copy of a module in which one piece of source is replaced."""
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert source.count(right) == 1, f"{right!r} should stand once in {module.__file__}: mend this test"
    copy, before = ModuleType("planted"), dict(OPS)
    exec(compile(source.replace(right, wrong), "planted", "exec"), vars(copy))
    OPS.clear()
    OPS.update(before)                                     # the copy is no op of the library
    return copy


def blame(cell, state, ids=False, ragged=False, every_output=False):
    """What gradcheck says about a cell."""
    numbers = np.random.default_rng(1)
    alive = [4, 4, 3, 2, 1] if ragged else [4] * 5
    for p in cell.parameters():
        p.data = to_device(numbers.standard_normal(p.shape) * 0.7)
    start = cell.initial_state(4)
    if state != "zero":
        start = type(start)(*(tensor(numbers.standard_normal((4, 2)), requires_grad=state == "input") for _ in start))
    x = tensor(numbers.integers(0, 3, (4, 5)) if ids else numbers.standard_normal((4, 5, 3)), requires_grad=not ids)
    params = {"x": x} if not ids else {}
    params |= {f"{k}0": s for k, s in zip(start._fields, start, strict=True)} if state == "input" else {}
    params |= dict(cell.named_parameters())
    f = lambda: (lambda hs, last: (hs, *last) if every_output else hs)(*cell(x, start, alive))
    with pytest.raises(GradientError) as caught:
        gradcheck(f, params=params)
    return caught.value


LSTM, GRU, CUDNN, RNN = (lstm, "LSTMCell"), (gru, "GRUCell"), (gru_cudnn, "CudnnGRUCell"), (rnn, "RNNCell")
PACKED = {"W_xh", "W_hh", "b_h"}

# cell, what stands there, the fault; the gates, the tensors blamed at least (exactly, if nothing follows), the pattern
FAULTS = {
    "f: forgotten c_{t-1}": (LSTM, "    da_f *= c_before\n", "", "f", PACKED, ""),
    "f: doubled": (LSTM, "    da_f *= dc\n", "    da_f *= 2 * dc\n", "f", PACKED, "doubled"),
    "f: c_t for c_{t-1}": (LSTM, "cs[t, :n], tanh_cs[t, :n], dh[:n]", "cs[t + 1, :n], tanh_cs[t, :n], dh[:n]", "f",
                           PACKED, ""),
    "o: forgotten tanh(c)": (LSTM, "    da_o *= tanh_c\n", "", "o", PACKED, ""),
    "i: turned sign": (LSTM, "    da_i *= dc\n", "    da_i *= -dc\n", "i", PACKED, "sign"),
    "g: a little off": (LSTM, "    da_g *= dc\n", "    da_g *= dc * 1.0001\n", "g", PACKED, "constant ratio"),
    "forgotten 1 - tanh^2": (LSTM, "    xp.subtract(1, scratch, out=scratch)\n", "", "ifg", PACKED, ""),
    "i and o exchanged": (LSTM, "*_blocks(da), scratch[:n])", "*[_blocks(da)[k] for k in (3, 1, 2, 0)], scratch[:n])",
                          "io", PACKED, "gates permuted"),
    "dc without f": (LSTM, "    dc *= f   ", "    pass   ", "ifg", PACKED, "lost carry"),
    "dc lost": (LSTM, "    dc *= f   ", "    dc *= 0   ", "ifg", PACKED, "lost carry"),
    "dh not handed on": (LSTM, "            xp.matmul(da, W_hh_T, out=dh[:n]) ", "            pass ", "", PACKED,
                         "lost carry"),
    "dh overwritten from above": (LSTM, "dh[:n] += dhs[:n, t] ", "dh[:n] = dhs[:n, t] ", "", PACKED, "lost carry"),
    "h_t for h_{t-1}": (LSTM, "dW_hh = hs[:T].reshape", "dW_hh = hs[1:].reshape", "", {"W_hh"}, "wrong previous state"),
    "bias averaged": (LSTM, "return dx, dh, dc, dW_xh, dW_hh, db_h", "return dx, dh, dc, dW_xh, dW_hh, db_h / B", "",
                      {"b_h"}, "averaged over the batch"),
    "dW_xh transposed": (LSTM, "return dx, dh, dc, dW_xh, dW_hh, db_h",
                         "return dx, dh, dc, dW_xh.T.reshape(dW_xh.shape), dW_hh, db_h", "", {"W_xh"}, "transposed"),
    "dW_hh: sign": (LSTM, "return dx, dh, dc, dW_xh, dW_hh, db_h", "return dx, dh, dc, dW_xh, -dW_hh, db_h", "",
                    {"W_hh"}, "sign"),
    "gru r: doubled": (GRU, "    da_r *= h_before\n", "    da_r *= 2 * h_before\n", "r", PACKED, "doubled"),
    "gru z: forgotten z": (GRU, "    da_z *= z\n", "", "z", PACKED, ""),
    "gru: forgotten 1 - n^2": (GRU, "    xp.subtract(1, da_n, out=da_n)\n", "", "rn", PACKED, ""),
    "gru: reset path lost": (GRU, "    dh += ds\n", "", "", PACKED, "lost carry"),
    "gru: gates' path lost": (GRU, "            dh_t += da[:, :2 * H] @ W_hrz_T  ", "            pass  ", "", PACKED,
                              "lost carry"),
    "gru: h for r h": (GRU, "ss.reshape(T * B, H).T @ rows[:, 2 * H:])",
                       "hs[:T].reshape(T * B, H).T @ rows[:, 2 * H:])", "n", {"W_hh"}, "wrong previous state"),
    "gru: h_t for h_{t-1}": (GRU, "hs[:T].reshape(T * B, H).T @", "hs[1:].reshape(T * B, H).T @", "rz", {"W_hh"},
                             "wrong previous state"),
    "cudnn r: forgotten u": (CUDNN, "    da_r *= u\n", "", "r", PACKED, ""),
    "cudnn: old state's share lost": (CUDNN, "    dh *= z  ", "    dh *= 0  ", "", PACKED | {"b_hn"}, "lost carry"),
    "cudnn: db_hn without reset": (CUDNN, "rows[:, 2 * H:].sum(axis=0)",
                                   "das.reshape(T * B, 3 * H)[:, 2 * H:].sum(axis=0)", "", {"b_hn"}, ""),
    "rnn: h_t for h_{t-1}": (RNN, "dW_hh = hs[:T].reshape", "dW_hh = hs[1:].reshape", "", {"W_hh"},
                             "wrong previous state"),
    "rnn: dh not handed on": (RNN, "xp.matmul(da, W_hh_T, out=dh[:n])", "dh[:n] = 0", "", PACKED, "lost carry"),
    "rnn: derivative a step early": (RNN, "phi_backward(hs[t + 1, :n]", "phi_backward(hs[t, :n]", "", PACKED, ""),
}


@pytest.mark.parametrize("setting", [{"state": "zero"}, {"state": "input", "every_output": True},
                                     {"state": "random", "ids": True}, {"state": "zero", "ragged": True}],
                         ids=lambda setting: "-".join(map(str, setting.values())))
@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults_are_located(fault, setting):
    (module, cell), right, wrong, gates, tensors, pattern = FAULTS[fault]
    error = blame(getattr(planted(module, right, wrong), cell)(3, 2, "by_hand").astype("float64"), **setting)
    assert error.gates == tuple(gates), error
    assert error.patterns == ((pattern,) if pattern else ()), error
    if tensors >= PACKED:                                  # other tensors follow from these
        assert tensors <= set(error.tensors), error
    else:
        assert tensors == set(error.tensors), error
    assert error.steps and ("lost carry" in error.patterns) <= (error.steps[-1] == 4)
    for name in tensors:
        assert f"{name} (" in str(error)


def test_the_message():
    error = blame(planted(lstm, "    da_f *= dc\n", "    da_f *= 2 * dc\n").LSTMCell(3, 2, "by_hand").astype("float64"),
                  "random")
    lines = str(error).splitlines()
    assert lines[0] == "the gradient is wrong in gate f of W_xh, W_hh, b_h"
    assert lines[1].startswith("  W_xh (3, 8): worst at [") and "(gate f)" in lines[1]
    assert lines[1].endswith("(for a loss on output step t = 0); 6 of 24 entries are wrong, in gate f: doubled")
    assert lines[-2:] == ["  x: perhaps only as a consequence",
                          "  it is wrong where the loss looks at output steps t = 0-4"]


def test_a_lost_carry_says_what_is_lost():
    error = blame(planted(rnn, "xp.matmul(da, W_hh_T, out=dh[:n])", "dh[:n] = 0").RNNCell(3, 2, "by_hand")
                  .astype("float64"), "zero")
    assert "lost carry: right where the loss looks at the first step alone" in str(error)
    assert error.steps == (1, 2, 3, 4)


@pytest.mark.parametrize("what, output", [("dh_last.copy(), dc_last.copy()", 2), ("dh_last.copy(), dc_last.copy()", 1)])
def test_a_final_state_whose_gradient_is_ignored(what, output):
    nothing = "dh_last.copy(), 0 * dc_last" if output == 2 else "0 * dh_last, dc_last.copy()"
    error = blame(planted(lstm, what, nothing).LSTMCell(3, 2, "by_hand").astype("float64"), "input", every_output=True)
    assert f"only a loss on output {output} gets it wrong, of the outputs 0-2" in str(error)
    assert error.patterns == ("all zero",)


def test_padded_steps_that_get_a_gradient():
    careless = planted(lstm, "            das[t, n:] = 0\n", "            das[t, n:] = 7\n")
    error = blame(careless.LSTMCell(3, 2, "by_hand").astype("float64"), "zero", ragged=True)
    assert {"x", *PACKED} == set(error.tensors) and "x (4, 5, 3)" in str(error)


@pytest.mark.parametrize("settings, wrong_cell", [({"num_layers": 2}, 1), ({"num_layers": 2}, 0),
                                                  ({"bidirectional": True}, 0), ({"bidirectional": True}, 1)])
def test_the_cell_of_a_stack_is_found(settings, wrong_cell):
    numbers = np.random.default_rng(2)
    layer = layers.LSTM(3, 2, **settings).astype("float64")
    for p in layer.parameters():
        p.data = to_device(numbers.standard_normal(p.shape))
    layer.cells[wrong_cell].over_time = planted(lstm, "    da_o *= tanh_c\n", "").lstm_sequence
    with pytest.raises(GradientError) as caught:
        gradcheck(lambda x: layer(x)[0], tensor(numbers.standard_normal((3, 4, 3)), requires_grad=True), params=layer)
    assert caught.value.gates == ("o",), caught.value
    assert all(name.startswith(f"cells.{wrong_cell}.") for name in caught.value.tensors[:3]), caught.value


@pytest.mark.parametrize("module, cell", [LSTM, GRU, CUDNN, RNN])
def test_the_copies_are_right_when_nothing_is_planted(module, cell):
    layer = getattr(planted(module, "Made with", "Made with"), cell)(3, 2, "by_hand").astype("float64")
    x = tensor(np.random.default_rng(0).standard_normal((4, 5, 3)), requires_grad=True)
    gradcheck(lambda x: layer(x, layer.initial_state(4), [4] * 5)[0], x, params=layer)
