"""Every differentiable function, forward and backward in one breath. `OPS` lists them by name."""
from tinyseq.autograd import OPS
from tinyseq.ops.activations import elu, gelu, leaky_relu, relu, sigmoid, silu, softplus, tanh
from tinyseq.ops.arithmetic import abs, add, clip, div, exp, log, maximum, minimum, mul, neg, power, sqrt, sub, where
from tinyseq.ops.attention import attention, attention_composed
from tinyseq.ops.compare import equal, greater, greater_equal, less, less_equal, not_equal
from tinyseq.ops.conv import conv1d, conv2d
from tinyseq.ops.crf import crf_log_partition
from tinyseq.ops.dropout import dropout
from tinyseq.ops.einsum import einsum
from tinyseq.ops.feed_forward import feed_forward
from tinyseq.ops.gather import gather, scatter, take_along_axis
from tinyseq.ops.heads import join_heads, split_heads
from tinyseq.ops.index import take
from tinyseq.ops.joining import concat, split, stack
from tinyseq.ops.lean_attention import lean_attention
from tinyseq.ops.losses import binary_cross_entropy, cross_entropy, huber, mae, mse
from tinyseq.ops.matmul import linear, matmul
from tinyseq.ops.norm import batch_norm, layer_norm, layer_norm_composed, rms_norm
from tinyseq.ops.pool import adaptive_avg_pool2d, avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from tinyseq.ops.reduce import cumsum, logsumexp, max, mean, min, prod, sum, var
from tinyseq.ops.rotary import rotary
from tinyseq.ops.self_attention import self_attention
from tinyseq.ops.shape import broadcast, expand, flip, pad, repeat, reshape, reverse, roll, squeeze, swap, transpose
from tinyseq.ops.softmax import log_softmax, softmax
from tinyseq.ops.transformer_block import transformer_block

__all__ = ["OPS", "abs", "adaptive_avg_pool2d", "add", "attention", "attention_composed", "avg_pool1d", "avg_pool2d",
           "batch_norm", "binary_cross_entropy", "broadcast", "clip", "concat", "conv1d", "conv2d",
           "crf_log_partition", "cross_entropy", "cumsum", "div", "dropout", "einsum", "elu", "equal", "exp", "expand",
           "feed_forward", "flip", "gather", "gelu", "greater", "greater_equal", "huber", "join_heads", "layer_norm",
           "layer_norm_composed", "leaky_relu", "lean_attention", "less", "less_equal", "linear", "log", "log_softmax",
           "logsumexp", "mae", "matmul", "max", "max_pool1d", "max_pool2d", "maximum", "mean", "min", "minimum", "mse",
           "mul", "neg", "not_equal", "pad", "power", "prod", "relu", "repeat", "reshape", "reverse", "rms_norm",
           "roll", "rotary", "scatter", "self_attention", "sigmoid", "silu", "softmax", "softplus", "split",
           "split_heads", "sqrt", "squeeze", "stack", "sub", "sum", "swap", "take", "take_along_axis", "tanh",
           "transformer_block", "transpose", "var", "where"]
