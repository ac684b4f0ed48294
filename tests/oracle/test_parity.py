"""Random configurations of every layer, beside PyTorch: the outputs and every gradient, from the same weights.

A configuration is drawn from its number alone, so that a failure can be had again. Tolerances are relative to the
largest entry of the array compared."""
from functools import partial

import pytest

from tinyseq import layers, ops
from tinyseq.autograd import gradients, tensor
from tinyseq.backend import host, to_host
from tinyseq.interop import from_pytorch, to_pytorch

np = host.np
pytestmark = pytest.mark.oracle
EACH = 12                                                  # configurations of each kind, in turn float32 and float64
TOLERANCE = {"float32": 2e-5, "float64": 1e-10}


def pick(rng, *choices):
    return choices[rng.integers(len(choices))]


def size(rng, least=1, most=6):
    return int(rng.integers(least, most + 1))


# Each kind draws (our layer, PyTorch's module, x, settings of the call): x is (B, T, C), or (B, C, height, width).

def linear(rng, nn):
    D, K, bias = size(rng), size(rng), pick(rng, True, False)
    lead = [size(rng) for _ in range(size(rng, 1, 3))]
    return layers.Linear(D, K, bias=bias), nn.Linear(D, K, bias=bias), rng.standard_normal((*lead, D))


def embedding(rng, nn):
    V, C = size(rng), size(rng)
    return layers.Embedding(V, C), nn.Embedding(V, C), rng.integers(0, V, (size(rng), size(rng)))


def recurrent(kind, own=None, **settings):
    def draw(rng, nn):
        D, H, depth, both = size(rng), size(rng), size(rng, 1, 3), pick(rng, True, False)
        ours = getattr(layers, kind)(D, H, num_layers=depth, bidirectional=both, method=pick(rng, "by_hand", "by_tape"),
                                     **(own or settings))
        theirs = getattr(nn, kind)(D, H, depth, bidirectional=both, batch_first=True, **settings)
        return ours, theirs, rng.standard_normal((size(rng), size(rng, 1, 8), D))
    return draw


def layer_norm(rng, nn):
    C, epsilon = size(rng, 3), pick(rng, 1e-5, 1e-3)       # over two channels y is (-1, 1) and dx only rounding
    x = 3 + rng.standard_normal((size(rng), size(rng), C))
    return layers.LayerNorm(C, epsilon=epsilon), nn.LayerNorm(C, eps=epsilon), x


def rms_norm(rng, nn):
    C = size(rng, 2)
    return layers.RMSNorm(C, epsilon=1e-5), nn.RMSNorm(C, eps=1e-5), 3 + rng.standard_normal((size(rng), size(rng), C))


def batch_norm(kind):
    def draw(rng, nn):
        C, momentum = size(rng), pick(rng, 0.1, 0.5)
        ours = getattr(layers, kind)(C, momentum=momentum)
        theirs = getattr(nn, kind)(C, momentum=momentum)
        with_running(rng, theirs)
        if pick(rng, True, False):
            ours.eval(), theirs.eval()
        shape = (size(rng, 2), size(rng, 2), C) if kind == "BatchNorm1d" else (size(rng, 2), C, size(rng, 2), size(rng))
        return ours, theirs, 2 + rng.standard_normal(shape)
    return draw


def with_running(rng, module):
    """Statistics as after some training."""
    import torch
    module.running_mean += torch.tensor(rng.standard_normal(len(module.running_mean)))
    module.running_var += torch.tensor(rng.random(len(module.running_var)))


def conv_settings(rng):
    groups = size(rng, 1, 2)
    settings = {"stride": size(rng, 1, 3), "padding": size(rng, 0, 2), "dilation": size(rng, 1, 2), "groups": groups}
    return groups * size(rng, 1, 3), groups * size(rng, 1, 3), size(rng, 1, 4), settings


def conv1d(rng, nn):
    C, K, k, settings = conv_settings(rng)
    bias = pick(rng, True, False)
    return (layers.Conv1d(C, K, k, bias=bias, **settings), nn.Conv1d(C, K, k, bias=bias, **settings),
            rng.standard_normal((size(rng), size(rng, 7, 12), C)))


def conv2d(rng, nn):
    C, K, k, settings = conv_settings(rng)
    k = pick(rng, k, (k, size(rng, 1, 3)))
    bias = pick(rng, True, False)
    return (layers.Conv2d(C, K, k, bias=bias, **settings), nn.Conv2d(C, K, k, bias=bias, **settings),
            rng.standard_normal((size(rng), C, size(rng, 7, 10), size(rng, 7, 10))))


def pool2d(kind):
    def draw(rng, nn):
        k = size(rng, 1, 4)
        settings = {"stride": pick(rng, None, size(rng, 1, 3)), "padding": size(rng, 0, k // 2)}
        return (getattr(layers, kind)(k, **settings), getattr(nn, kind)(k, **settings),
                rng.standard_normal((size(rng), size(rng), size(rng, 4, 9), size(rng, 4, 9))))
    return draw


def pool1d(kind):
    def draw(rng, nn):
        k = size(rng, 1, 4)
        settings = {"stride": pick(rng, None, size(rng, 1, 3)), "padding": size(rng, 0, k // 2)}
        return (getattr(layers, kind)(k, **settings), getattr(nn, kind)(k, **settings),
                rng.standard_normal((size(rng), size(rng, 4, 9), size(rng))))
    return draw


def adaptive(rng, nn):
    out = (size(rng), size(rng))
    return (layers.AdaptiveAvgPool2d(out), nn.AdaptiveAvgPool2d(out),
            rng.standard_normal((size(rng), size(rng), size(rng, 1, 9), size(rng, 1, 9))))


LAYERS = {
    "Linear": linear, "Embedding": embedding, "RNN": recurrent("RNN", nonlinearity="tanh"),
    "RNN relu": recurrent("RNN", nonlinearity="relu"), "LSTM": recurrent("LSTM"),
    "GRU": recurrent("GRU", {"variant": "cudnn"}), "LayerNorm": layer_norm, "RMSNorm": rms_norm,
    "BatchNorm1d": batch_norm("BatchNorm1d"), "BatchNorm2d": batch_norm("BatchNorm2d"), "Conv1d": conv1d,
    "Conv2d": conv2d, "MaxPool2d": pool2d("MaxPool2d"), "AvgPool2d": pool2d("AvgPool2d"),
    "MaxPool1d": pool1d("MaxPool1d"), "AvgPool1d": pool1d("AvgPool1d"), "AdaptiveAvgPool2d": adaptive,
}
CHANNELS_FIRST = ("Conv1d", "BatchNorm1d", "MaxPool1d", "AvgPool1d")       # PyTorch's (B, C, T) is our (B, T, C)


def assert_close(ours, theirs, dtype):
    ours, theirs = to_host(ours), theirs.detach().numpy()
    assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
    assert abs(ours - theirs).max(initial=0) <= TOLERANCE[dtype] * max(abs(theirs).max(initial=0), 1e-3)


@pytest.mark.parametrize("number", range(EACH))
@pytest.mark.parametrize("kind", LAYERS)
def test_layer(kind, number):
    import torch
    rng, dtype = np.random.default_rng([sum(map(ord, kind)), number]), ("float32", "float64")[number % 2]
    torch.manual_seed(number)
    ours, theirs, x = LAYERS[kind](rng, torch.nn)
    ours, theirs = ours.astype(dtype), theirs.to(getattr(torch, dtype))
    if list(theirs.state_dict()):
        for p in theirs.parameters():                      # norms start at 1 and 0, where mistakes hide
            p.data = p.data + 0.3 * torch.randn_like(p)
        from_pytorch(ours, theirs.state_dict())
    floats = x.dtype.kind == "f"
    x = x.astype(dtype) if floats else x
    our_x = tensor(x, requires_grad=True) if floats else x
    their_x = torch.tensor(x, requires_grad=floats)

    our_y = ours(our_x)
    our_y = our_y[0] if isinstance(our_y, tuple) else our_y
    turned = their_x.transpose(1, 2) if kind in CHANNELS_FIRST else their_x
    their_y = theirs(turned)
    their_y = their_y[0] if isinstance(their_y, tuple) else their_y
    their_y = their_y.transpose(1, 2) if kind in CHANNELS_FIRST else their_y
    assert_close(our_y.data, their_y, dtype)

    dy = rng.standard_normal(our_y.shape).astype(dtype)
    wanted = [our_x] * floats + ours.parameters()
    grads = gradients((our_y * tensor(dy)).sum(), wanted)
    (their_y * torch.tensor(dy)).sum().backward()
    if floats:
        assert_close(grads.pop(0), their_x.grad, dtype)
    compare_buffers(ours, theirs, dtype)
    compare_weights(ours, grads, theirs, dtype)


def compare_buffers(ours, theirs, dtype):
    """Running statistics, after a step of training or not."""
    buffers = dict(theirs.named_buffers())
    if buffers:
        converted = to_pytorch(ours)
        for name in ("running_mean", "running_var"):
            assert_close(converted[name], buffers[name], dtype)


def compare_weights(ours, grads, theirs, dtype):
    """to_pytorch puts our gradients under PyTorch's names. Of its two recurrent biases only one is ours, but for the
    part of a GRU's second one that stands inside the reset gate."""
    if not grads:
        return
    for p, g in zip(ours.parameters(), grads, strict=True):
        p.data = g
    converted = to_pytorch(ours)
    for name, p in theirs.named_parameters():
        own = slice(None)
        if name.startswith("bias_hh"):
            own = slice(2 * ours.H, None) if isinstance(ours, layers.GRU) else slice(0)
        assert_close(converted[name][own], p.grad[own], dtype)


@pytest.mark.parametrize("number", range(EACH))
def test_multi_head_attention(number):
    """Over itself or over others, with keys hidden at random, PyTorch's mask being ours turned round."""
    import torch
    rng, dtype = np.random.default_rng(number), ("float32", "float64")[number % 2]
    torch.manual_seed(number)
    num_heads, bias, itself = size(rng, 1, 3), pick(rng, True, False), pick(rng, True, False)
    C, B, Tq, Tk = num_heads * size(rng, 1, 4), size(rng), size(rng), size(rng, 2)
    theirs = torch.nn.MultiheadAttention(C, num_heads, bias=bias, batch_first=True).to(getattr(torch, dtype))
    ours = layers.MultiHeadAttention(C, num_heads, bias=bias).astype(dtype)
    for p in theirs.parameters():
        p.data = p.data + 0.3 * torch.randn_like(p)        # its biases start at 0
    from_pytorch(ours, theirs.state_dict())
    q, k = (rng.standard_normal((B, T, C)).astype(dtype) for T in (Tk if itself else Tq, Tk))
    mask = rng.random((B, Tk)) < 0.7
    mask[:, 0] = True
    our_q, our_k = tensor(q, requires_grad=True), tensor(k, requires_grad=True)
    their_q, their_k = torch.tensor(q, requires_grad=True), torch.tensor(k, requires_grad=True)
    device_mask = tensor(mask).data
    our_y, alpha = ours(our_q, mask=device_mask) if itself else ours(our_q, our_k, mask=device_mask)
    over = their_q if itself else their_k
    their_y, their_alpha = theirs(their_q, over, over, key_padding_mask=~torch.tensor(mask), average_attn_weights=False)
    assert_close(our_y.data, their_y, dtype)
    assert_close(alpha.data, their_alpha, dtype)
    dy = rng.standard_normal(our_y.shape).astype(dtype)
    (their_y * torch.tensor(dy)).sum().backward()
    wanted = [our_q] if itself else [our_q, our_k]
    grads = gradients((our_y * tensor(dy)).sum(), [*wanted, *ours.parameters()])
    for dx, x in zip(grads, [their_q, their_k][:len(wanted)], strict=False):
        assert_close(dx, x.grad, dtype)
    compare_weights(ours, grads[len(wanted):], theirs, dtype)


def transformer_pair(rng, kind, ours_of, dtype):
    """PyTorch's layer and ours with its weights, which have been shaken: its norms start at 1 and 0."""
    import torch
    num_heads, norm, activation = size(rng, 1, 3), pick(rng, "pre", "post"), pick(rng, "relu", "gelu")
    bias, FF, eps = pick(rng, True, False), size(rng), pick(rng, 1e-5, 1e-3)
    C = num_heads * size(rng, 2, 4)
    theirs = getattr(torch.nn, kind)(C, num_heads, FF, 0.0, activation, eps, True, norm == "pre", bias)
    theirs = theirs.to(getattr(torch, dtype))
    for p in theirs.parameters():
        p.data = p.data + 0.3 * torch.randn_like(p)
    ours = ours_of(C, num_heads, norm, activation, FF=FF, bias=bias, eps=eps).astype(dtype)
    from_pytorch(ours, theirs.state_dict())
    return ours, theirs, C


@pytest.mark.parametrize("number", range(2 * EACH))
def test_transformer_encoder_layer(number):
    """Both places of the norm, both activations; causal, or with keys hidden at random."""
    import torch
    rng, dtype = np.random.default_rng(number), ("float32", "float64")[number % 2]
    torch.manual_seed(number)
    causal, B, T = pick(rng, True, False), size(rng), size(rng, 2)
    ours_of = partial(layers.TransformerBlock, causal=causal)
    ours, theirs, C = transformer_pair(rng, "TransformerEncoderLayer", ours_of, dtype)
    x, present = rng.standard_normal((B, T, C)).astype(dtype), rng.random((B, T)) < 0.7
    present[:, 0] = True
    our_x, their_x = tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    if causal:
        our_y, _ = ours(our_x)
        their_y = theirs(their_x, src_mask=torch.nn.Transformer.generate_square_subsequent_mask(T, dtype=their_x.dtype))
    else:
        our_y, _ = ours(our_x, mask=tensor(present).data)
        their_y = theirs(their_x, src_key_padding_mask=~torch.tensor(present))
    assert_close(our_y.data, their_y, dtype)
    dy = rng.standard_normal(our_y.shape).astype(dtype)
    (their_y * torch.tensor(dy)).sum().backward()
    dx, *grads = gradients((our_y * tensor(dy)).sum(), [our_x, *ours.parameters()])
    assert_close(dx, their_x.grad, dtype)
    compare_weights(ours, grads, theirs, dtype)


@pytest.mark.parametrize("number", range(2 * EACH))
def test_transformer_decoder_layer(number):
    """Causal over itself, and over a source of which keys are hidden at random."""
    import torch
    rng, dtype = np.random.default_rng(number), ("float32", "float64")[number % 2]
    torch.manual_seed(number)
    B, T, Tk = size(rng), size(rng, 2), size(rng, 2)
    ours, theirs, C = transformer_pair(rng, "TransformerDecoderLayer", layers.TransformerDecoderBlock, dtype)
    x, source = (rng.standard_normal((B, n, C)).astype(dtype) for n in (T, Tk))
    present = rng.random((B, Tk)) < 0.7
    present[:, 0] = True
    our_x, our_source = tensor(x, requires_grad=True), tensor(source, requires_grad=True)
    their_x, their_source = torch.tensor(x, requires_grad=True), torch.tensor(source, requires_grad=True)
    our_y, _, _ = ours(our_x, ours.memory(our_source, tensor(present).data))
    mask = torch.nn.Transformer.generate_square_subsequent_mask(T, dtype=their_x.dtype)
    their_y = theirs(their_x, their_source, tgt_mask=mask, memory_key_padding_mask=~torch.tensor(present))
    assert_close(our_y.data, their_y, dtype)
    dy = rng.standard_normal(our_y.shape).astype(dtype)
    (their_y * torch.tensor(dy)).sum().backward()
    dx, dsource, *grads = gradients((our_y * tensor(dy)).sum(), [our_x, our_source, *ours.parameters()])
    assert_close(dx, their_x.grad, dtype)
    assert_close(dsource, their_source.grad, dtype)
    compare_weights(ours, grads, theirs, dtype)


FUNCTIONS = {                                              # ours of x (B, V), PyTorch's of the same
    "leaky_relu": (lambda x, a: ops.leaky_relu(x, slope=a), lambda F, x, a: F.leaky_relu(x, a)),
    "elu": (lambda x, a: ops.elu(x, alpha=a), lambda F, x, a: F.elu(x, a)),
    "softplus": (lambda x, a: ops.softplus(30 * a * x), lambda F, x, a: (30 * a * x).logaddexp(x * 0)),
    "silu": (lambda x, a: ops.silu(x), lambda F, x, a: F.silu(x)),
    "gelu": (lambda x, a: ops.gelu(x), lambda F, x, a: F.gelu(x)),
    "gelu tanh": (lambda x, a: ops.gelu(x, form="tanh"), lambda F, x, a: F.gelu(x, approximate="tanh")),
    "huber": (lambda x, a: ops.huber(x, x * 0.0 + 0.3, delta=a + 0.1),
              lambda F, x, a: F.huber_loss(x, x * 0 + 0.3, delta=a + 0.1)),
    "mae": (lambda x, a: ops.mae(x, x * a), lambda F, x, a: F.l1_loss(x, x * a)),
    "binary_cross_entropy": (lambda x, a: ops.binary_cross_entropy(x, ops.sigmoid(x * a)),
                             lambda F, x, a: F.binary_cross_entropy_with_logits(x, (x * a).sigmoid())),
    "logsumexp": (lambda x, a: ops.logsumexp(x, axis=1), lambda F, x, a: x.logsumexp(1)),
}


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name, number):
    import torch
    rng, dtype = np.random.default_rng([sum(map(ord, name)), number]), ("float32", "float64")[number % 2]
    x, a = rng.standard_normal((size(rng), size(rng, 2))).astype(dtype) * 3, float(rng.random())
    ours, theirs = FUNCTIONS[name]
    our_x, their_x = tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    our_y, their_y = ours(our_x, a), theirs(torch.nn.functional, their_x, a)
    assert_close(our_y.data, their_y, dtype)
    their_y.sum().backward()
    assert_close(gradients(our_y.sum(), [our_x])[0], their_x.grad, dtype)


@pytest.mark.parametrize("number", range(16))
def test_cross_entropy(number):
    """Smoothing, class weights, ignored targets and both reductions, mixed at random."""
    import torch
    rng, dtype = np.random.default_rng(number), ("float32", "float64")[number % 2]
    B, T, V = size(rng), size(rng, 2), size(rng, 2)
    x, targets = rng.standard_normal((B, T, V)).astype(dtype), rng.integers(0, V, (B, T))
    targets[0, 0] = 0
    settings = {"reduction": pick(rng, "mean", "sum"), "label_smoothing": pick(rng, 0.0, 0.1, 0.5)}
    weights = pick(rng, None, rng.random(V).astype(dtype) + 0.1)
    ignored = pick(rng, None, V - 1)
    our_x, their_x = tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    ours = ops.cross_entropy(our_x, targets, ignore_index=ignored, **settings,
                             weights=None if weights is None else tensor(weights).data)
    theirs = torch.nn.functional.cross_entropy(
        their_x.reshape(-1, V), torch.tensor(targets).reshape(-1), **settings,
        ignore_index=-100 if ignored is None else ignored, weight=None if weights is None else torch.tensor(weights))
    assert_close(ours.data, theirs, dtype)
    theirs.backward()
    assert_close(gradients(ours, [our_x])[0], their_x.grad, dtype)


def test_there_are_enough_of_them():
    assert EACH * len(LAYERS) >= 200
