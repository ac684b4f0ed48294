"""The step-through page: what is in the file. How it behaves in a browser stands in test_browser.py."""
import json
import re

import numpy as np
import pytest

from tinyseq import layers, tensor
from tinyseq.tracing import tiny, trace
from tinyseq.tracing.page import as_data


def data_of(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])


def test_the_file_holds_all_it_needs(pages, name):
    page = (pages / f"{name}.html").read_text(encoding="utf-8")
    assert "{{" not in page
    assert not re.search(r"(src|href)=\"(?!#)|https?://(?!www\.w3\.org/2000/svg)|@import|url\((?!#)", page)
    assert 'lang="en"' in page and "aria-live" in page and page.count("<svg data-drawing") == 5


def test_every_row_stands_in_a_step_forward_and_its_gradient_in_one_back(pages, name):
    data, ledger = data_of((pages / f"{name}.html").read_text(encoding="utf-8")), tiny(name)
    shown = [i for step in data["steps"] for i in step["rows"]]
    assert sorted(shown) == list(range(len(data["nodes"])))
    phases = [step["phase"] for step in data["steps"]]
    assert phases == ["given", *["forward"] * phases.count("forward"), *["backward"] * phases.count("backward")]
    symbols = [node["symbol"] for node in data["nodes"] if node["number"] and node["of"] is None]
    assert symbols == [row.symbol for row in ledger.forward]
    for node in data["nodes"]:
        assert len(node["value"]) + node["more"] == np.prod(node["shape"], dtype=int)
        assert not node["number"] or len(node["text"] or node["parts"]) == len(node["value"])
    assert max(len(step["rows"]) for step in data["steps"]) < 60


def test_every_equation_leads_to_its_line_and_every_line_named_is_shown(pages, name):
    data = data_of((pages / f"{name}.html").read_text(encoding="utf-8"))
    for node in data["nodes"]:
        assert [f"({at[0]})" for at in node["at"]] == node["number"].split() or node["of"] is not None
        for number, text, line in node["at"]:
            assert f"({number})" in data["texts"][text][1][line] and " = " in data["texts"][text][1][line]
        assert all(data["lines"][place] for place in [*node["back"], node["place"]] if place)
        assert not any(size.startswith("axis") for size in node["axes"]), node["symbol"]


def test_the_page_opens_on_the_first_step_that_has_a_drawing_and_steps_say_what_they_are(pages):
    data = data_of((pages / "char_lstm.html").read_text(encoding="utf-8"))
    assert (data["first"], data["steps"][1]["drawings"]) == (1, ["lstm"])
    labels = [step["label"] for step in data["steps"]]
    assert labels[1:6] == [f"t = {t} forward" for t in range(1, 6)] and labels[10:15] == [
        f"t = {t} backward" for t in range(5, 0, -1)]
    data = data_of((pages / "g2p_seq2seq.html").read_text(encoding="utf-8"))
    first, steps = data["first"], data["steps"]
    assert steps[first]["drawings"] and not any(step["drawings"] for step in steps[:first])


@pytest.mark.parametrize("variant, symbol", [("book", "r"), ("cudnn", "u")])
def test_each_gru_has_its_own_drawing_with_the_old_state_in_it(variant, symbol):
    x = np.random.default_rng(0).random((2, 3, 3))
    data = as_data(trace(layers.GRU(3, 2, variant=variant), tensor(x)))
    step = next(step for step in data["steps"] if step["label"] == "t = 2 forward")
    (name, boxes), = step["drawn"].items()
    assert name == {"book": "gru", "cudnn": "gru_cudnn"}[variant]
    shown = {box: data["nodes"][i]["symbol"] for box, i in boxes.items()}
    assert shown["h_before"] == "h_1" and shown[symbol] == f"{symbol}_2" and shown["x"] == "x_2"


def test_attention_over_states_fills_the_boxes_of_queries_keys_and_values(pages):
    data = data_of((pages / "g2p_seq2seq.html").read_text(encoding="utf-8"))
    step = next(step for step in data["steps"] if step["drawings"] == ["attention"])
    assert {"q", "k", "v", "e", "alpha", "c"} == set(step["drawn"]["attention"])


def test_what_readers_send_back_adds_up_to_the_gradient(pages):
    data = data_of((pages / "char_lstm.html").read_text(encoding="utf-8"))
    node = next(node for node in data["nodes"] if node["symbol"] == "dL/dc_2")
    assert [data["nodes"][part[0]]["symbol"] for part in node["parts"][0]] == ["c_3", "h_2"]
    for parts, value in zip(node["parts"], node["value"], strict=True):
        assert sum(float(part[3]) for part in parts) == pytest.approx(float(value), rel=0.02, abs=1e-3)


def test_a_step_of_a_cell_and_one_of_an_attention_have_their_drawing(pages):
    drawn = {name: {d for step in data_of((pages / f"{name}.html").read_text(encoding="utf-8"))["steps"]
                    for d in step["drawings"]} for name in (path.stem for path in pages.glob("*.html"))}
    assert drawn == {"char_rnn": {"rnn"}, "char_lstm": {"lstm"}, "char_gru": {"gru"}, "mini_gpt": {"attention"},
                     "g2p_seq2seq": {"lstm", "attention"}, "attention_cnn": {"attention"}}
