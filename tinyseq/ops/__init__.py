"""Every differentiable function, forward and backward in one breath. `OPS` lists them by name."""
from tinyseq.autograd import OPS
from tinyseq.ops.activations import relu, sigmoid, tanh
from tinyseq.ops.arithmetic import add, div, exp, log, mul, neg, power, sqrt, sub, where
from tinyseq.ops.dropout import dropout
from tinyseq.ops.gather import gather
from tinyseq.ops.losses import cross_entropy, mse
from tinyseq.ops.matmul import matmul
from tinyseq.ops.reduce import max, mean, sum
from tinyseq.ops.shape import concat, reshape, reverse, split, stack, take, transpose
from tinyseq.ops.softmax import log_softmax, softmax

__all__ = ["OPS", "add", "concat", "cross_entropy", "div", "dropout", "exp", "gather", "log", "log_softmax", "matmul",
           "max", "mean", "mse", "mul", "neg", "power", "relu", "reshape", "reverse", "sigmoid", "softmax", "split",
           "sqrt", "stack", "sub", "sum", "take", "tanh", "transpose", "where"]
