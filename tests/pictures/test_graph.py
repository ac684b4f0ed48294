"""Computation graphs: what is in them, where it stands, and the text that comes out."""
import re
import xml.etree.ElementTree as ET

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from tinyseq.autograd import tensor
from tinyseq.pictures import Graph, GraphNode, computation_graph
from tinyseq.pictures.layout import placed
from tinyseq.tracing import tiny

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def recorded():
    """L = sum tanh(x W + b), whose graph has four ops and two parameters."""
    W, b = tensor(np.ones((3, 2)), requires_grad=True), tensor(np.zeros(2), requires_grad=True)
    loss = (tensor(np.ones((4, 3))) @ W + b).tanh().sum()
    return computation_graph(loss, {"W": W, "b": b})


def by_label(graph):
    return {(graph.nodes[start].label, graph.nodes[end].label) for start, end in graph.edges}


def test_what_the_engine_recorded(recorded):
    assert by_label(recorded) == {("W", "matmul"), ("matmul", "add"), ("b", "add"), ("add", "tanh"), ("tanh", "sum")}
    kinds = {node.label: (node.kind, node.note) for node in recorded.nodes}
    assert kinds["W"] == ("parameter", "(3, 2)") and kinds["sum"] == ("loss", "()")
    assert kinds["tanh"] == ("op", "(4, 2)")


def test_a_tensor_that_is_read_twice_is_one_node():
    x = tensor(np.ones(2), requires_grad=True)
    graph = computation_graph((x * x + x).sum())
    assert [node.label for node in graph.nodes].count("given") == 1
    assert len(graph.edges) == 4                           # those of x * x are one


def test_the_drawing_is_valid_svg_with_each_node_and_edge_in_it(recorded, tmp_path):
    recorded.write(tmp_path / "a.svg")
    root = ET.parse(tmp_path / "a.svg").getroot()
    assert root.tag == f"{SVG}svg" and "6 nodes and 5 edges" in root.get("aria-label")
    groups = [group for group in root.iter(f"{SVG}g") if (group.get("class") or "").startswith("node")]
    assert sorted(group.get("class").split()[1] for group in groups) == ["loss", *["op"] * 3, *["parameter"] * 2]
    assert len([path for path in root.iter(f"{SVG}path") if path.get("class") == "edge"]) == 5
    left, top, width, height = map(float, root.get("viewBox").split())
    boxes = [{name: float(value) for name, value in box.attrib.items()} for box in root.iter(f"{SVG}rect")]
    for box in boxes:
        assert left <= box["x"] and box["x"] + box["width"] <= left + width
        assert top <= box["y"] and box["y"] + box["height"] <= top + height
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
            assert apart or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]


def test_the_dot_text(recorded, tmp_path):
    recorded.write(tmp_path / "a.dot")
    text = (tmp_path / "a.dot").read_text(encoding="utf-8")
    assert text.startswith("digraph {") and len(re.findall(r"^  n\d+ \[label=", text, re.M)) == 6
    assert len(re.findall(r"^  n\d+ -> n\d+;$", text, re.M)) == 5 and r'label="W\n(3, 2)"' in text
    assert r'label="say \"x\""' in Graph([GraphNode('say "x"', "", "op")], []).dot().replace(r"\n", "")


def test_labels_are_escaped_and_indices_set_below():
    text = Graph([GraphNode("a_{i,2} < 1", "", "op")], []).svg()
    ET.fromstring(text)
    assert "&lt; 1" in text and ">i,2</tspan>" in text


def test_a_trace_has_a_graph_of_a_step():
    graph = tiny("char_lstm").graph(t=2)
    assert {("f_2", "c_2"), ("c_1", "c_2"), ("i_2", "c_2"), ("g_2", "c_2"), ("c_2", "h_2"), ("o_2", "h_2"),
            ("W_hh", "a_2"), ("h_1", "a_2")} <= by_label(graph)
    kinds = {node.label: node.kind for node in graph.nodes}
    assert (kinds["c_1"], kinds["W_hh"], kinds["c_2"]) == ("data", "parameter", "op")
    whole = tiny("char_lstm").graph()
    assert [node.label for node in whole.nodes if node.kind == "loss"] == ["L"] and whole._repr_svg_() == whole.svg()


@given(st.integers(1, 12), st.data())
def test_edges_lead_to_the_right_one_layer_at_a_time(n, data):
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    edges = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    layers, bends = placed(n, edges)
    layer = {node: i for i, nodes in enumerate(layers) for node in nodes}
    assert sorted(layer) == list(range(n + sum(map(len, bends.values()))))
    for start, end in edges:
        way = [layer[i] for i in (start, *bends[start, end], end)]
        assert way == list(range(way[0], way[-1] + 1)) and len(way) > 1


def test_a_crossing_that_need_not_be_is_taken_out():
    layers, _ = placed(4, [(0, 3), (1, 2)])
    below = {node: i for nodes in layers for i, node in enumerate(nodes)}
    assert (below[0] < below[1]) == (below[3] < below[2])


def test_what_cannot_be_drawn(tmp_path):
    x = tensor(np.ones(2), requires_grad=True)
    with pytest.raises(ValueError, match="no history to draw"):
        computation_graph(x)
    loss = x.sum()
    for _ in range(150):
        loss = loss + 1
    with pytest.raises(ValueError, match=r"a graph of 152 nodes cannot be read, 150 can.*graph\(t=2\)"):
        computation_graph(loss)
    with pytest.raises(ValueError, match=r"written as \.svg or as \.dot; got a\.png"):
        computation_graph(x.sum()).write(tmp_path / "a.png")
    with pytest.raises(ValueError, match="no circles"):
        placed(2, [(0, 1), (1, 0)])
