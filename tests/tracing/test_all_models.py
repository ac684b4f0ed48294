"""Every model of the chapters, in its TINY size and with every variant of its network, traced: what each row must have,
and each number once more in plain Python."""
import importlib.util
import re
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tinyseq.autograd import gradients
from tinyseq.backend import to_host
from tinyseq.rowgrad import dense
from tinyseq.tracing import trace
from tinyseq.tracing.rows import Row
from tinyseq.tracing.source import HERE, statements


def _cases():
    """tests/models/cases.py, which has the models and a batch for each."""
    path = Path(__file__).parents[1] / "models" / "cases.py"
    if "cases" not in sys.modules:
        spec = importlib.util.spec_from_file_location("cases", path)
        sys.modules["cases"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["cases"])
    return sys.modules["cases"]


cases = _cases()
EACH = [pytest.param(name, i, id="-".join([name, *map(str, settings.values())]))
        for name, entry in cases.ENTRIES.items() for i, settings in enumerate(entry.variants)]
each = pytest.mark.parametrize("name, i", EACH)


@cache
def traced(name, i):
    settings = cases.ENTRIES[name].variants[i]
    return trace(cases.made(name, settings), cases.batch_of(name, settings))


def model_of(name, i):
    return cases.made(name, cases.ENTRIES[name].variants[i])


@each
def test_every_row_has_a_symbol_an_equation_and_named_axes(name, i):
    for row in traced(name, i).forward:
        assert re.fullmatch(r"\S.*", row.symbol) and "data" not in row.symbol.split(), row
        assert row.numbers and row.equation, f"{row.symbol} at {row.place} has no equation {row.numbers}"
        assert len(row.axes) == len(row.shape) and not any(axis.startswith("axis") for axis in row.axes), row
        line = statements(row.place.split(":")[0].removeprefix("tinyseq/"))[int(row.place.split(":")[1])]
        assert line.numbers == row.numbers
        assert row.backward or row.gradient is None, f"{row.symbol} at {row.place}: no line carries its gradient back"
        for x in row.inputs:
            assert len(x.axes) == x.value.ndim and not any(axis.startswith("axis") for axis in x.axes), x.symbol


@each
def test_every_value_comes_out_again_in_plain_python(name, i):
    for row in traced(name, i).forward:
        again = row.recomputed()
        assert again.shape == row.shape
        np.testing.assert_allclose(again.data, row.value.reshape(-1), rtol=1e-12, atol=1e-12,
                                   err_msg=f"{row.symbol} at {row.place}")


@each
def test_every_gradient_is_the_sum_of_what_its_uses_send_back(name, i):
    for row in traced(name, i).backward:
        if not row.uses:
            assert row.of is traced(name, i).forward[-1] or not row.value.any()
            continue
        np.testing.assert_allclose(sum(use.gradient for use in row.uses), row.value, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(row.recomputed().data, row.value.reshape(-1), rtol=1e-12, atol=1e-12,
                                   err_msg=f"{row.symbol} from {row.equation}")


@each
def test_every_parameter_has_a_line_forward_a_line_backward_and_a_number_for_both(name, i):
    ledger, model = traced(name, i), model_of(name, i)
    for path, parameter in model.named_parameters():
        row = ledger.parameters[path]
        forward = [one for one in ledger.forward if row.of in one.inputs]
        assert forward and row.uses, f"{path} stands in no equation"
        assert row.value.shape == parameter.shape and not any(axis.startswith("axis") for axis in row.axes), path
        for place in [forward[0].place, *row.place.split(", ")]:
            file, _, line = place.removeprefix("tinyseq/").rpartition(":")
            assert len((HERE / file).read_text(encoding="utf-8").splitlines()) >= int(line) > 0


@each
def test_the_loss_and_the_gradients_are_the_models_own(name, i):
    ledger, model = traced(name, i), model_of(name, i)
    loss, _ = model.loss(cases.batch_of(name, cases.ENTRIES[name].variants[i]))
    assert ledger.loss == pytest.approx(float(loss.numpy()), abs=1e-10)
    for (path, _), by_hand in zip(model.named_parameters(), gradients(loss, model.parameters()), strict=True):
        np.testing.assert_allclose(ledger.parameters[path].value, to_host(dense(by_hand)), rtol=1e-9, atol=1e-10,
                                   err_msg=path)


def test_a_wrong_number_is_noticed():
    """The checks above can fail: with a forget gate of 1 - f the cell comes out otherwise."""
    ledger = trace(model_of("char_lstm", 0), cases.batch_of("char_lstm", {}))
    gate, cell = (next(row for row in ledger.forward if row.symbol == symbol) for symbol in ("f_2", "c_2"))
    gate.value = 1 - gate.value
    assert np.abs(np.array(cell.recomputed().data) - cell.value.reshape(-1)).max() > 0.01
    back = next(row for row in ledger.backward if row.symbol == "dL/dc_1")
    assert np.abs(np.array(back.recomputed().data) - back.value.reshape(-1)).max() > 0.01


RECURRENT = ("W_xh", "W_hh", "b_h")


@pytest.mark.parametrize("name", ["char_rnn", "char_lstm", "char_gru", "deep_lstm"])
def test_a_cells_weights_have_their_lines_by_hand_with_the_same_number(name):
    ledger = traced(name, 0)
    for path, row in ledger.parameters.items():
        if path.endswith(RECURRENT):
            for use in row.uses:
                places = [place.removeprefix("tinyseq/").rpartition(":") for place in use.by.backward]
                lines = [statements(file)[int(line)] for file, _, line in places]
                assert lines and all(set(line.numbers) & set(use.by.numbers) for line in lines)
                assert all("_sequence" in line.function or line.function.startswith("_") for line in lines)


def test_rows_of_one_step_go_by_the_symbols_of_the_chapter():
    symbols = [row.symbol for row in traced("char_lstm", 0).forward if row.time == 2]
    assert symbols == ["a_2", "a_{i,2}", "a_{f,2}", "a_{g,2}", "a_{o,2}", "i_2", "f_2", "o_2", "g_2", "c_2", "h_2"]
    symbols = {row.symbol for row in traced("char_gru", 0).forward if row.time == 2}
    assert symbols >= {"r_2", "z_2", "n_2", "h_2"}
    symbols = {row.called for row in traced("char_transformer", 0).forward}
    assert symbols >= {"q", "k", "v", "e", "alpha", "c", "u"}
    assert {"h^1_2", "h^2_2", "h^3_2"} <= {row.symbol for row in traced("deep_lstm", 1).forward}
    assert {"h_2", "h^{back}_2"} <= {row.symbol for row in traced("bilstm_tagger", 0).forward}


def test_a_gradient_names_the_equations_that_it_comes_from():
    ledger = traced("char_lstm", 0)
    of_c = next(row for row in ledger.backward if row.symbol == "dL/dc_2")
    assert of_c.equation == "dL/dc_2 = from (4) c_3 + from (5) h_2" and of_c.numbers == ("4", "5")
    of_W = ledger.parameters["stack.cells.0.W_hh"]
    assert [use.by.symbol for use in of_W.uses] == ["a_5", "a_4", "a_3", "a_2", "a_1"]


def test_the_order_is_forward_then_back():
    ledger = traced("char_lstm", 0)
    phases = [row.phase for row in ledger.rows]
    assert phases == sorted(phases, reverse=True) and isinstance(ledger.rows[0], Row)
    times = [row.time for row in ledger.backward if row.time]
    assert times == sorted(times, reverse=True)
