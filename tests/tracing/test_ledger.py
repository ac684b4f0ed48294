"""What a ledger is asked: rows, single entries, a table, a worksheet."""
import linecache

import numpy as np
import pytest

import tinyseq as ts
from tinyseq import layers, models
from tinyseq.training import tasks


@pytest.fixture(scope="module")
def ledger():
    return small("char_lstm")


def small(name):
    page = models.find(name)
    ts.manual_seed(0)
    model = page.Model(page.TINY).astype("float64")
    return ts.trace(model, tasks.find(model.task).tiny_batch(page.TINY, np.random.default_rng(0)))


def test_an_entry_is_shown_with_its_numbers_put_in(ledger):
    f, c, i, g = (row(ledger, s).value[0, 1] for s in ("f_2", "c_1", "i_2", "g_2"))
    line = ledger.entry("c_2", 0, 1)
    assert line == f"{f:.3g} * {c:.3g} + {i:.3g} * {g:.3g} = {f * c + i * g:.3g}"
    assert eval(line.partition(" = ")[0]) == pytest.approx(float(line.rpartition(" = ")[2]), abs=2e-3)


def row(ledger, symbol):
    return next(one for one in ledger.rows if one.symbol == symbol)


def test_an_entry_of_a_gradient_names_what_each_part_comes_through(ledger):
    line = ledger.entry("dL/dc_2", 0, 1)
    assert "[(4) c_3]" in line and "[(5) h_2]" in line and line.endswith(f"{row(ledger, 'dL/dc_2').value[0, 1]:.3g}")
    assert ledger.entry("dL/dL") == "dL/dL = 1"
    assert ledger.entry("y", 0, 0, 0, layer="") == ledger.entry("y", 0, 0, 0)


@pytest.mark.parametrize("symbol, index, word", [("c_2", (0,), "2 indices"), ("c_2", (0, 9), "B=2, H=4"),
                                                 ("nothing", (), "nothing")])
def test_an_entry_that_is_none_is_refused(ledger, symbol, index, word):
    with pytest.raises(ValueError, match=word):
        ledger.entry(symbol, *index)


def test_the_table_holds_what_was_asked_for(ledger, capsys):
    ledger.show(t=2, symbol="c")
    printed = capsys.readouterr().out.splitlines()
    assert printed[1:3] == ["", "forward, t = 2, stack.cells.0"] and len(printed) == 4
    assert "(4)" in printed[3] and "c_2" in printed[3] and "lstm.py" in printed[3]
    ledger.show(phase="backward", layer="stack.cells.0", t=1)
    printed = capsys.readouterr().out
    assert "dL/dh_1 = from (3) hs + from (1) a_2" in printed and "dL/dh_2" not in printed
    with pytest.raises(ValueError, match=r"stack\.cells\.0"):
        ledger.show(t=99)


def test_a_head_of_an_attention_has_rows_of_its_own(capsys):
    gpt = small("mini_gpt")
    gpt.show(symbol="alpha", head=1)
    assert "alpha^{head1}  B=2, Tq=3, Tk=3" in capsys.readouterr().out
    gpt.show(head=0, phase="backward")
    assert "dL/dalpha^{head0}" in capsys.readouterr().out
    with pytest.raises(ValueError, match="head=7"):
        gpt.show(head=7)


def test_a_notebook_gets_a_table_with_indices(ledger):
    page = ledger._repr_html_()
    assert "c<sub>2</sub>" in page and "a<sub>i,2</sub>" in page and "<table" in page and "<script" not in page


def test_a_worksheet_leaves_out_what_it_asks_for_and_its_key_has_it(ledger, tmp_path):
    path = tmp_path / "sheet.txt"
    ledger.worksheet(path, ["c_2", "dL/dc_2"])
    sheet, key = path.read_text(), (tmp_path / "sheet.txt.key").read_text()
    asked, given = row(ledger, "c_2").value, row(ledger, "c_1").value
    assert "_______" in sheet and f"{given[0, 1]:.4f}" in sheet and f"{asked[0, 1]:.4f}" not in sheet
    assert f"{asked[0, 1]:.4f}" in key and f"{row(ledger, 'dL/dc_2').value[1, 2]:.4f}" in key
    assert sheet.index("f_2") < sheet.index("c_2   (")            # given before it is needed
    with pytest.raises(ValueError, match="none_such"):
        ledger.worksheet(tmp_path / "other.txt", ["none_such"])
    assert not (tmp_path / "other.txt").exists()
    small("mini_gpt").worksheet(tmp_path / "gpt.txt")             # without time steps, too
    assert "____" in (tmp_path / "gpt.txt").read_text()


def test_a_layer_is_traced_by_the_cotangent_of_its_output():
    ts.manual_seed(0)
    layer = layers.LSTM(2, 3)
    x = np.random.default_rng(0).standard_normal((1, 4, 2)).astype("float32")
    weights = np.zeros((1, 4, 3))
    weights[0, 1, 2] = 1.0                                 # L is one entry of h_2
    ledger = ts.trace(layer, ts.tensor(x), cotangent=weights)
    assert row(ledger, "h_2").value[0, 2] == pytest.approx(ledger.loss)
    assert row(ledger, "dL/dh_2").value.tolist() == [[0.0, 0.0, 1.0]]
    assert not row(ledger, "dL/dc_3").value.any()          # the future does not act on the past
    assert ledger.forward[-1].symbol == "L" and ledger.forward[-1].numbers == ("1",)
    with pytest.raises(ValueError, match="cotangent"):
        ts.trace(layer, ts.tensor(x), cotangent=np.ones(3))
    with pytest.raises(ValueError, match="batch"):
        ts.trace(layer)


class Own(layers.Module):
    """y_t = tanh(x_t W)^2        (1)   (B, K)"""

    def __init__(self):
        self.W = layers.Parameter(ts.xp.ones((2, 3), "float32") / 4)

    def __call__(self, x):
        s = ts.ops.tanh(x @ self.W)
        return s * s                                       # (1)


def test_parameters_have_the_axes_of_their_layers_docstring(ledger):
    axes = {path: one.axes for path, one in ledger.parameters.items()}
    assert axes == {"W_hy": ("H", "V"), "b_y": ("V",), "stack.cells.0.W_xh": ("D", "4H"),
                    "stack.cells.0.W_hh": ("H", "4H"), "stack.cells.0.b_h": ("4H",)}


def test_a_line_of_a_cell_has_no_path(capsys):
    """Jupyter runs a cell from a temporary file, whose name is another on each machine and in each run."""
    scope = {"layers": layers}
    code = "class Double(layers.Linear):\n    def __call__(self, x):\n        y = x @ self.W * 2\n        return y\n"
    path = "/tmp/ipykernel_123/456.py"
    linecache.cache[path] = (len(code), None, code.splitlines(keepends=True), path)
    exec(compile(code, path, "exec"), scope)
    ts.trace(scope["Double"](2, 1), ts.tensor(np.ones((1, 2)))).show()
    said = capsys.readouterr().out
    assert "cell:3" in said and "ipykernel" not in said


def test_parentheses_that_hold_no_axes_are_passed_over():
    """gamma / sqrt(running_variance + epsilon) and equation (5) stand before "gamma (C,)" in that docstring."""
    rows = ts.trace(layers.BatchNorm1d(2), ts.tensor(np.array([[1.0, 2.0], [3.0, 5.0]]))).parameters
    assert rows["gamma"].axes == rows["beta"].axes == ("C",)


def test_a_model_of_ones_own_has_a_row_for_each_line():
    own = ts.trace(Own(), ts.tensor([[1.0, 2.0]]))
    s, y = own.forward[:2]
    assert (s.symbol, s.number, s.equation) == ("s", "", "s = ts.ops.tanh(x @ self.W)")
    assert (y.symbol, y.number, y.axes) == ("y", "(1)", ("B", "K")) and "test_ledger.py:" in y.place
    assert own.entry("s", 0, 0) == "tanh(1 * 0.25 + 2 * 0.25) = 0.635"
    assert [use.by for use in own.parameters["W"].uses] == [s]


def test_an_op_that_plain_python_lacks_is_named(tmp_path):
    own = ts.trace(layers.RMSNorm(2), ts.tensor([[3.0, 4.0]]))
    assert own.entry("y", 0, 0) == f"rms_norm(...) = {3 / np.sqrt(12.5 + 1e-5):.3g}"
    own.html(tmp_path / "page.html")
    with pytest.raises(ValueError, match="rms_norm"):
        own.forward[0].recomputed()


def test_a_step_that_no_equation_counts_stands_inside_the_row_that_it_leads_to():
    """A single query is made a row of queries before the first equation, and its context one row after the last."""
    query, keys = (ts.tensor(np.arange(np.prod(s), dtype="float64").reshape(s)) for s in ((1, 2), (1, 3, 2)))
    ledger = ts.trace(layers.GeneralAttention(2, 2), query, keys)
    assert [row.number for row in ledger.forward] == ["(1c)", "(2)", "(3)", "(1)"]
    for row in ledger.forward:
        np.testing.assert_allclose(row.recomputed().data, row.value.reshape(-1), rtol=1e-12)


def test_lean_attention_is_traced_through_its_scores():
    ts.manual_seed(0)
    layer = layers.TransformerBlock(4, 2, positions="alibi", window=2, lean=True).astype("float64")
    x = ts.tensor(np.random.default_rng(0).standard_normal((1, 4, 4)))
    lean = ts.trace(layer, x)
    assert lean.loss == pytest.approx(float(layer(x)[0].numpy().sum()))
    alpha = row(lean, "alpha").value
    assert alpha.shape == (1, 2, 4, 4) and not alpha[0, 0, 3, :2].any() and alpha[0, 0, 3].sum() == pytest.approx(1)


def test_the_model_is_left_as_it_was():
    page = models.find("char_gru")
    model = page.Model(page.TINY).train()
    before = model.state_dict()
    ts.trace(model, np.array([[0, 1, 2]]))
    assert model.training and all(p.grad is None and p.dtype == "float32" for p in model.parameters())
    assert all((before[name] == now).all() for name, now in model.state_dict().items())


def test_without_a_trace_nothing_is_noted():
    from tinyseq.autograd import _thread
    ts.trace(layers.Linear(2, 2), ts.tensor([[1.0, 2.0]]))
    assert _thread.observer is None
