"""Mistakes that people really make, and the words without which the message would not help.

Each message must be one line, name what came (sizes, values, the layer) and what was expected, and say what to do.
"""
import pytest

import tinyseq as ts
from tinyseq import decoding, interop, layers, ops, optim
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_device
from tinyseq.layers import Module
from tinyseq.layers.recurrent.lstm import lstm_sequence
from tinyseq.layers.recurrent.rnn import rnn_unrolled

np = host.np
pytestmark = pytest.mark.trust
B, T, D, H, V, C = 2, 5, 3, 4, 7, 6


def x(*shape, dtype="float32", **settings):
    """Numbers between 0 and 1 of this shape."""
    return tensor(np.random.default_rng(0).random(shape), dtype=dtype, **settings)


def ids(*shape, below=V):
    return np.random.default_rng(0).integers(0, below, shape)


def flags(*shape):
    return to_device(np.ones(shape, bool))


class Tagger(Module):
    """A model with layers inside, so that a message must say which of them it means."""

    def __init__(self):
        self.embedding = layers.Embedding(V, C)
        self.encoder = layers.LSTM(C, H)
        self.output = layers.Linear(H + 1, 2)              # the mistake of one of the cases: H is meant

    def __call__(self, ids):
        return self.output(self.encoder(self.embedding(ids))[0])


def linear_ones(*sizes):
    return layers.Sequential(*(layers.Linear(a, b) for a, b in sizes))


MISTAKES = {
    # recurrent layers
    "wrong input size": (lambda: layers.LSTM(D, H)(x(B, T, 9)), "LSTM", "D=3", "9", "(2, 5, 9)"),
    "no batch axis": (lambda: layers.GRU(D, H)(x(T, D)), "(B, T, D=3)", "(5, 3)", "[None]"),
    "(B, D, T), the order of channels first": (lambda: layers.LSTM(D, H)(x(B, D, T)), "(2, 3, 5)", "D=3", "transpose"),
    "time before batch": (lambda: layers.LSTM(D, H)(x(T, B, D), lengths=[5, 3]), "lengths", "5", "2", "(B, T, D)"),
    "ids as floats": (lambda: layers.LSTM(V, H)(x(B, T)), "whole numbers", "float32", "(2, 5)"),
    "an id out of range": (lambda: layers.LSTM(V, H)([[0, 1], [2, 7]]), "0 to 6", "7", "[1, 1]"),
    "a negative id": (lambda: layers.Embedding(V, C)([[0, -1]]), "0 to 6", "-1", "[0, 1]"),
    "an empty batch": (lambda: layers.RNN(D, H)(x(0, T, D)), "at least one sequence", "(0, 5, 3)"),
    "state of another batch": (lambda: layers.LSTM(D, H)(x(B, T, D), state=layers.LSTM(D, H).initial_state(3)),
                               "state", "(3, 4)", "(2, 4)"),
    "state of another depth": (lambda: layers.LSTM(D, H, num_layers=2)(x(B, T, D),
                                                                       state=layers.LSTM(D, H).initial_state(B)),
                               "state", "(2, 4)", "layer"),
    "an LSTM's state for a GRU": (lambda: layers.GRU(D, H)(x(B, T, D), state=layers.LSTM(D, H).initial_state(B)),
                                  "state", "(2, 4)"),
    "a length beyond T": (lambda: layers.LSTM(D, H)(x(B, T, D), lengths=[5, 6]), "lengths", "T=5", "6"),
    "too few lengths": (lambda: layers.LSTM(D, H)(x(B, T, D), lengths=[5]), "lengths", "2", "(1,)"),
    "lengths as floats": (lambda: layers.LSTM(D, H)(x(B, T, D), lengths=[5.0, 3.0]), "lengths", "whole", "float64"),
    "dropout with nothing above": (lambda: layers.LSTM(D, H, dropout=0.3), "num_layers=1", "Dropout"),
    "dropout in per cent": (lambda: layers.Dropout(30), "[0, 1)", "30"),
    "a method misspelt": (lambda: layers.LSTM(D, H, method="byhand"), "by_hand", "by_tape", "byhand"),
    "a variant misspelt": (lambda: layers.GRU(D, H, variant="pytorch"), "book", "cudnn", "pytorch"),
    "PyTorch's batch_first": (lambda: layers.LSTM(D, H, batch_first=True), "LSTM", "batch_first", "(B, T, D)"),
    "outputs and state into a Linear": (lambda: layers.Linear(H, 2)(layers.LSTM(D, H)(x(B, T, D))), "Linear", "tuple",
                                        "y, state = layer(x)"),
    "a list into a Linear": (lambda: layers.Linear(D, 2)([[1.0, 2.0, 3.0]]), "Linear", "list", "tensor(x)"),
    "text as a tensor": (lambda: tensor(["a", "b"]), "numbers", "list"),
    "one number of many": (lambda: x(B, T).item(), "item()", "(2, 5)", ".sum()"),
    "if of many": (lambda: bool(x(B) > 0.5), "(2,)", ".max()"),
    "a nonlinearity misspelt": (lambda: layers.RNN(D, H, nonlinearity="than"), "tanh", "relu", "sigmoid", "than"),
    "a language model that reads the answer": (
        lambda: layers.RecurrentLanguageModel(layers.LSTM(V, H, bidirectional=True), V), "one direction", "predict"),
    "a step by tape whose weights do not fit": (
        lambda: rnn_unrolled(x(B, T, D), x(B, H), x(D, H), x(H, H + 1), x(H), alive=[B] * T), "time step t=0", "add",
        "4", "5"),
    "weights of three gates for an LSTM": (
        lambda: lstm_sequence(x(B, T, D), x(B, H), x(B, H), x(D, 4 * H), x(H, 3 * H), x(4 * H), alive=[B] * T),
        "lstm_sequence", "W_hh", "(H, 4H) = (4, 16)", "(4, 12)"),
    # other layers
    "a layer inside a model, wrong width": (lambda: Tagger()(ids(B, T)), "Linear", "output", "D=5", "(2, 5, 4)"),
    "a layer in a row, wrong width": (lambda: linear_ones((3, 4), (5, 2))(x(B, 3)), "Linear", "'1'", "D=5", "(2, 4)"),
    "ids into a Linear": (lambda: layers.Linear(V, C)(tensor(ids(B, T))), "Linear", "Embedding", "int64"),
    "one-hot rows into an Embedding": (lambda: layers.Embedding(V, C)(x(B, T, V)), "ids", "float32", "whole numbers"),
    "another width into LayerNorm": (lambda: layers.LayerNorm(C)(x(B, T, C + 1)), "LayerNorm", "C=6", "7"),
    "channels first into BatchNorm1d": (lambda: layers.BatchNorm1d(C)(x(B, C, T)), "BatchNorm1d", "C=6", "5"),
    "a batch of one into BatchNorm1d": (lambda: layers.BatchNorm1d(C)(x(1, C)), "BatchNorm1d", "one", "eval"),
    "channels last into Conv2d": (lambda: layers.Conv2d(3, 8, 3)(x(B, 9, 9, 3)), "Conv2d", "3", "(2, 9, 9, 3)",
                                  "(B, C, height, width)"),
    "an image without its batch axis": (lambda: layers.Conv2d(3, 8, 3)(x(3, 9, 9)), "Conv2d", "(3, 9, 9)", "[None]"),
    "channels first into Conv1d": (lambda: layers.Conv1d(3, 8, 3)(x(B, 3, 9)), "Conv1d", "(B, T, C", "(2, 3, 9)"),
    "a kernel larger than the image": (lambda: layers.Conv2d(3, 8, 5)(x(B, 3, 4, 4)), "kernel", "5", "4", "padding"),
    "groups that do not divide": (lambda: layers.Conv2d(3, 8, 3, groups=2), "groups", "2", "3"),
    "a pool larger than the image": (lambda: layers.MaxPool2d(4)(x(B, 3, 3, 3)), "MaxPool2d", "kernel of 4", "height",
                                    "has 3"),
    "keys of another width into DotAttention": (
        lambda: layers.DotAttention()(x(B, 1, 4), x(B, T, 6), x(B, T, 6)), "DotAttention", "4 and 6",
        "GeneralAttention(4, 6)"),
    "keys of another width into AdditiveAttention": (
        lambda: layers.AdditiveAttention(4, 6, 5)(x(B, 1, 4), x(B, T, 7), x(B, T, 7)), "AdditiveAttention", "D_key=6",
        "7"),
    "a mask with a last axis of 1": (
        lambda: layers.DotAttention()(x(B, 1, 4), x(B, T, 4), x(B, T, 4), mask=flags(B, T, 1)), "DotAttention", "Tk=5",
        "(2, 5, 1)", "padding_mask"),
    "heads that do not divide a block's width": (lambda: layers.TransformerBlock(10, 4), "num_heads=4", "C=10",
                                                 "2 or 5", "C=12"),
    "a text longer than the learned positions": (lambda: layers.LearnedPositions(T, C)(x(B, T + 1, C)), "T=5",
                                                 "6 steps", "T=6", "rotary"),
    "ids into a Transformer": (lambda: layers.Transformer(C, 1, 2)(ids(B, T)), "Transformer", "C=6", "int64",
                               "Embedding"),
    "an odd width of heads under rotary positions": (lambda: layers.MultiHeadAttention(C, 2, positions="rotary"),
                                                     "rotary", "odd width of 3", "heads"),
    "a cache of another batch": (
        lambda: layers.TransformerBlock(C, 2)(x(B, T, C), cache=layers.TransformerBlock(C, 2)(x(3, T, C))[1]),
        "attention", "3 sequences", "(2, 5, 6)"),
    "a mask for lengths": (lambda: layers.LSTM(D, H)(x(B, T, D), lengths=np.ones((B, T), bool)), "lengths", "bool"),
    "PyTorch's state, a pair for all": (lambda: layers.LSTM(D, H)(x(B, T, D), state=(x(1, B, H), x(1, B, H))), "state",
                                        "(2, 4)", "None"),
    "layers in a list": (lambda: layers.Sequential([layers.Linear(D, H)]), "Sequential", "*list"),
    "a bidirectional output into a layer of width H": (
        lambda: layers.Linear(H, 2)(layers.LSTM(D, H, bidirectional=True)(x(B, T, D))[0]), "D=4", "(2, 5, 8)",
        "Linear(8, 2)"),
    # products and shapes
    "a transposed weight": (lambda: x(B, T, D) @ x(C, D), "matmul", "3", "6", "(6, 3)", "transpose"),
    "a bias for the wrong axis": (lambda: x(B, T, C) + x(T), "add", "(2, 5, 6)", "(5,)", "6", "5"),
    "a (B, T) mask times (B, T, C)": (lambda: x(B, T, C) * x(B, T), "mul", "(2, 5, 6)", "(2, 5)", "axis"),
    "heads that do not divide the width": (lambda: ops.split(x(B, T, 10), 4), "split", "10", "4"),
    "heads that do not divide, by reshape": (lambda: x(B, T, 10).reshape(B, T, 4, -1), "reshape", "(2, 5, 10)", "4"),
    "reshape to another size": (lambda: x(B, T, C).reshape(B, T, 5), "reshape", "60", "50"),
    "axes forgotten in transpose": (lambda: x(B, T, C).transpose(1, 0), "transpose", "(2, 5, 6)", "3", "2"),
    "concat of unequal batches": (lambda: ops.concat(x(2, 3), x(4, 3), axis=1), "concat", "axis 0", "2", "4"),
    "stack of unequal shapes": (lambda: ops.stack(x(2, 3), x(2, 4)), "stack", "(2, 3)", "(2, 4)"),
    "an axis too far": (lambda: x(B, T).sum(axis=2), "sum", "axis 2", "(2, 5)"),
    "an index too far": (lambda: x(B, T)[2], "2", "axis 0"),
    "letters that do not fit": (lambda: ops.einsum("bd,de->be", x(2, 3), x(4, 5)), "einsum", "d", "3", "4"),
    "a list as an operand": (lambda: x(2) * [1.0, 2.0], "mul", "argument 1 is a list", "tensor"),
    # attention from ops
    "a key mask without the axes of heads and queries": (
        lambda: ops.softmax(x(B, 2, T, T), mask=flags(B, T)), "softmax", "(2, 5)", "(2, 2, 5, 5)", "[:, None, None"),
    "a mask of numbers": (lambda: ops.softmax(x(B, T), mask=x(B, T).data), "mask", "bool", "float32"),
    "a mask of another length": (lambda: ops.softmax(x(B, T), mask=flags(B, T + 1)), "softmax", "5", "6"),
    "query and key widths differ": (lambda: x(B, T, 4) @ x(B, T, 6).transpose(0, 2, 1), "matmul", "4", "6"),
    # losses
    "flat targets for logits with a time axis": (
        lambda: ops.cross_entropy(x(B, T, V), ids(B * T)), "cross_entropy", "(2, 5, 7)", "(2, 5)", "(10,)"),
    "one-hot targets": (lambda: ops.cross_entropy(x(B, V), np.eye(V)[ids(B)]), "cross_entropy", "(2, 7)", "whole"),
    "PyTorch's order of logits": (lambda: ops.cross_entropy(x(B, V, T), ids(B, T)), "(2, 7, 5)", "(2, 5)",
                                  "transpose"),
    "padding targets of -1": (lambda: ops.cross_entropy(x(B, V), np.array([1, -1])), "-1", "ignore_index"),
    "a column against a row": (lambda: ops.mse(x(B, 1), x(B)), "mse", "(2, 1)", "(2,)"),
    "labels against two logits each": (lambda: ops.binary_cross_entropy(x(B, 2), x(B)), "(2, 2)", "(2,)"),
    "a reduction misspelt": (lambda: ops.mse(x(B), x(B), reduction="avg"), "mean", "sum", "avg"),
    # the engine
    "backward from many numbers": (lambda: x(B, requires_grad=True).backward(), "scalar", "(2,)", ".sum()"),
    "nothing wants a gradient": (lambda: x(B).sum().backward(), "nothing to differentiate"),
    "through a comparison": (lambda: (x(B, requires_grad=True) > 0.5).sum().backward(), "without a derivative"),
    "gradient of an input that wants none": (
        lambda: gradients(x(B, requires_grad=True).sum(), [x(B)]), "wrt[0]", "requires_grad=True"),
    "two precisions": (lambda: x(B) * x(B, dtype="float64"), "float32", "float64", "astype"),
    "whole numbers that want a gradient": (lambda: tensor([1, 2], requires_grad=True), "int64", "float32"),
    "a gradient check in float32": (
        lambda: ts.gradcheck(lambda x: x * 2, x(B, requires_grad=True)), "float64", "input 0"),
    # weights, optimisers, sampling
    "weights of another size": (lambda: layers.LSTM(D, H).load_state_dict(layers.LSTM(D, H + 1).state_dict()),
                                "cells.0.W_xh", "(3, 20)", "(3, 16)"),
    "weights of another model": (lambda: layers.Linear(D, H).load_state_dict({"w": 1, "b": 2}), "W", "w"),
    "an attribute misspelt": (lambda: layers.LSTM(D, H).cells[0].W_hx, "LSTMCell", "cells.0", "W_hx", "W_xh"),
    "a parameter misspelt": (lambda: layers.LSTM(D, H).named_parameters()["cells.0.W_hx"], "cells.0.W_xh"),
    "PyTorch's weights of another layer": (lambda: interop.from_pytorch(layers.Linear(D, H), {"weight_ih_l0": x(1)}),
                                           "Linear", "weight", "weight_ih_l0"),
    "nothing to train": (lambda: optim.Adam([], lr=1e-3), "param"),
    "a model instead of its parameters": (lambda: optim.Adam(layers.Linear(D, H), lr=1e-3), "Linear", ".parameters()"),
    "a model to clip": (lambda: optim.clip_norm(layers.Linear(D, H), 1.0), "Linear", ".parameters()"),
    "names instead of parameters": (lambda: optim.Adam(layers.Linear(D, H).state_dict(), lr=1e-3), "str",
                                    ".parameters()"),
    "a tensor that no gradient reaches": (lambda: optim.Adam([x(D, H)], lr=1e-3), "(3, 4)", "requires_grad=True"),
    "a setting misspelt in a group": (
        lambda: optim.Adam([{"params": layers.Linear(D, H).parameters(), "weightdecay": 0.1}], lr=1e-3), "weightdecay",
        "weight_decay"),
    "one parameter twice": (lambda: optim.Adam(layers.Linear(D, H).parameters() * 2, lr=1e-3), "twice"),
    "quantised weights of PyTorch": (
        lambda: interop.from_pytorch(layers.Linear(D, H, bias=False), {"weight": np.ones((H, D), "int8")}), "weight",
        "Linear(3, 4", "float32", "int8"),
    "a PyTorch module instead of its weights": (lambda: interop.from_pytorch(layers.Linear(D, H), [1.0]), "list",
                                                "state_dict()"),
    "a negative rate": (lambda: optim.Adam(layers.Linear(D, H).parameters(), lr=-1e-3), "lr", "-0.001"),
    "a step before any gradient": (lambda: optim.Adam(layers.Linear(D, H).parameters(), lr=1e-3).step(), "grad"),
    "temperature below zero": (
        lambda: decoding.generate(layers.RecurrentLanguageModel(layers.RNN(V, H), V), [1], 3, temperature=-1.0),
        "temperature", "-1"),
    "an empty prompt": (lambda: decoding.generate(layers.RecurrentLanguageModel(layers.RNN(V, H), V), [], 3), "prompt"),
}


@pytest.fixture(scope="module", autouse=True)
def row(trust_table):
    """The row of the table counts what passed."""
    passed = []
    yield passed
    if passed:
        trust_table.row("mistakes that people make, each named in one helpful line", "40",
                        f"{len(passed)} of {len(MISTAKES)}")


@pytest.mark.parametrize("name", MISTAKES)
def test_the_message_helps(name, row):
    call, *words = MISTAKES[name]
    with pytest.raises((ValueError, AttributeError, KeyError)) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    missing = [word for word in words if word not in text]
    assert not missing, f"{missing} not in: {text}"
    row.append(name)


def test_there_are_enough_of_them():
    assert len(MISTAKES) >= 40
