"""What does not fit: outputs cut into rows of another size, an axis too many, a head for twice the features.

Such a program stops in its first step, or in the first call of its sampler, and says so: of all faults these are the
kindest. Each is shown twice: by the numbers that cannot be equal, and by what this library says of the same call.
"""
from typing import Any

from tinyseq.autograd import no_grad, tensor
from tinyseq.backend import host, manual_seed
from tinyseq.errata.measures import apart, refusal, rng, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import LSTM, AdditiveAttention, Linear, RecurrentLanguageModel
from tinyseq.ops import concat, softmax, swap

np = host.np

V, H, T, B = 65, 256, 180, 256           # the book's sizes: characters, units, steps, batch


@specimen("rows-of-v", "7.2, 7.4, 8.3", "layers/recurrent/language.py")
def rows_of_v() -> list[Row]:
    """The states of all steps are cut into rows as long as the alphabet, before the layer that maps them to it.

    Book    hs (B, T, H), reshaped to (-1, V), then the output layer
    Wrong   Rows of V = 65 are what comes out of the output layer; what goes in are rows of H = 256 (8.3: 512). 65 does
            not divide the numbers that there are, and if it did, the rows would hold pieces of neighbouring states.
    Cure    the layer maps the last axis, whatever stands before it: (B, T, H) -> (B, T, V); or rows of H"""
    said = refusal(lambda: tensor(np.zeros((2, 3, 8))).reshape(-1, 5))
    return [Row("rows, of which B T = 46,080 are needed", B * T * H / V, B * T * H // H),
            Row("the same with two directions (8.3)", B * T * 2 * H / V, B * T * 2 * H // (2 * H)),
            Row("tinyseq says of (2, 3, 8) -> (-1, 5)", said, None)]


@specimen("axis-too-many", "7.3, 7.4, 8.2-8.4, 9.3", "layers/recurrent/language.py")
def axis_too_many() -> list[Row]:
    """The sampler gives a step, which adds the axis of time itself, an input that has it already.

    Book    step(x (1, 1, V), state): the one-hot row (1, V) with an axis put in front
    Wrong   A step takes what stands at one time, (B, V), and makes (B, 1, V) of it. With an axis more it makes
            (1, 1, 1, V), four axes where a recurrent layer has three.
    Cure    step(ids (B,), state), which cannot be had with an axis too many"""
    manual_seed(0)
    model = RecurrentLanguageModel(LSTM(5, 4), 5)
    x = np.zeros((1, 5), "float32")
    said = refusal(lambda: model.stack(x[None][:, None]))
    logits, _ = model.step(np.array([0]), model.start(1))
    assert logits.shape == (1, 5)
    return [Row("axes of the step's input", x[None][:, None].ndim, x[:, None].ndim), Row("tinyseq says", said, None)]


@specimen("every-layer-speaks", "7.2, 7.4", "layers/recurrent/language.py")
def every_layer_speaks() -> list[Row]:
    """The sampler hands the states of all layers to the output layer, and not the last one's alone.

    Book    logits = h W + b, with h (layers, B, H) out of the state; then one symbol is drawn
    Wrong   The first axis of such an h counts layers. The logits have three axes, of which nothing can be drawn; and
            with three layers (7.4) there are three distributions, the first two from states that no training ever
            showed to the output layer.
    Cure    the output of the step is the state of the last layer, (B, H)"""
    manual_seed(0)
    model = RecurrentLanguageModel(LSTM(V, 32, num_layers=3), V)
    model.W_hy.data = model.W_hy.data * 30                 # as decided as a trained one
    with no_grad():
        logits, state = model.step(np.array([7]), model.start(1))
        of_each = [softmax(cell.h @ model.W_hy + model.b_y) for cell in state]
    return [Row("distributions for one symbol, with three layers", len(of_each), len(logits)),
            Row("axes of the logits that are drawn from", np.stack([values(p) for p in of_each]).ndim, logits.ndim),
            Row("total variation of the first layer's from the model's", apart(of_each[0], softmax(logits)),
                apart(of_each[-1], softmax(logits)))]


@specimen("half-a-head", "7.4, 8.2, 8.3", "layers/recurrent/stack.py")
def half_a_head() -> list[Row]:
    """A network of two directions is sampled with the state of one.

    Book    trained: [h_t; g_t] (2H) W + b;   sampled: step, then h (H) W + b
    Wrong   The output layer has 2H rows and the sampler brings H features. What is missing is g_t, the state from the
            right, and there is none: the text to the right has not been written.
    Cure    none for writing. What reads both ways is for texts that are there: tags, classes, a gap to fill"""
    manual_seed(0)
    head, state = Linear(2 * H, V), tensor(np.zeros((1, H), "float32"))
    said = refusal(lambda: head(state))
    return [Row("features that the output layer is given, of 512", state.shape[-1], head.W.shape[0]),
            Row("tinyseq says", said, None)]


@specimen("room-for-one-direction", "8.4", "layers/attention/scores.py")
def room_for_one_direction() -> list[Row]:
    """The encoder reads both ways, and everything behind it has room for one.

    Book    encoder: h_i = [f_i; g_i] (2H);   score: a layer (2H, H) over [s; h_i];   output: (2H, V) over [s; c]
    Wrong   With s of H units, [s; h_i] and [s; c] have 3H. (And s, a state of both directions, is not H but twice H.)
    Cure    an attention made for its two widths, AdditiveAttention(D_query, D_key, width), and a decoder that reads one
            way"""
    manual_seed(0)
    s, h = tensor(np.zeros((1, 1, H), "float32")), tensor(np.zeros((1, 1, 2 * H), "float32"))
    both, layer, sound = concat(s, h, axis=-1), Linear(2 * H, H), AdditiveAttention(H, 2 * H, H)
    assert sound(s, h)[0].shape == (1, 1, 2 * H)
    return [Row("features that the score's layer is made for, of 768", layer.W.shape[0],
                sound.W_q.shape[0] + sound.W_k.shape[0]),
            Row("tinyseq says", refusal(lambda: layer(both)), None)]


@specimen("layer-left-out", "7.4", "layers/seq2seq/output.py")
def layer_left_out() -> list[Row]:
    """The sampler of the attention model leaves out a layer that the training has.

    Book    trained: [h; c] (2H) W_1 (2H, H), then W_2 (H, V);   sampled: [h; c] W_2
    Wrong   W_2 takes H features and gets 2H. Two ways to compute one thing, written out twice, have come apart.
    Cure    one function for both: a model's step is what its loss is computed with"""
    manual_seed(0)
    W_1, W_2 = Linear(2 * H, H), Linear(H, V)
    both = tensor(np.zeros((1, 2 * H), "float32"))
    said = refusal(lambda: W_2(both))
    return [Row("features that W_2 is given, of 256", both.shape[-1], W_1(both).shape[-1]),
            Row("tinyseq says", said, None)]


@specimen("score-without-v", "techniques", "layers/attention/scores.py")
def score_without_v() -> list[Row]:
    """The additive score is a vector where a number is wanted.

    Book    score(h, s) = tanh([h; s] W)
    Wrong   tanh of a vector is a vector, one entry for each unit: a softmax over the keys needs one number for each.
    Cure    score(h, s) = v tanh([h; s] W), with a vector v that is learnt (Bahdanau et al. 2015)"""
    manual_seed(0)
    Tq, Tk, D, width = 3, 4, 5, 6
    attention = AdditiveAttention(D, D, width)
    q, k = (tensor(rng(n).normal(size=(1, length, D)), dtype="float32") for n, length in enumerate((Tq, Tk)))
    hidden = np.tanh(values(q @ attention.W_q)[:, :, None] + values(attention.prepared(k))[:, None])
    sound = attention.scores(q, attention.prepared(k))
    return [Row("numbers for each query and key", hidden.size // (Tq * Tk), sound.size // (Tq * Tk)),
            Row("shape of the scores", _short(hidden.shape), _short(sound.shape))]


@specimen("one-name-three-matrices", "8.4", "layers/attention/scores.py")
def one_name_three_matrices() -> list[Row]:
    """One letter W_c stands for three matrices, which cannot be the same.

    Book    v_c tanh(W_c [s; h]),   s~ = tanh(W_c [c; s]),   s W_c h
    Wrong   The first maps s and h to the hidden layer of the score, the second c and s to an output, the third h to
            where s lives: three shapes, even where all widths are equal.
    Cure    three names; here the shapes for a decoder of 3, an encoder of 2 and a hidden layer of 4"""
    s, h, width = 3, 2, 4
    attention = AdditiveAttention(s, h, width)
    of_score = concat(attention.W_q, attention.W_k, axis=0)
    shapes = {of_score.shape, Linear(h + s, s).W.shape, swap(tensor(np.zeros((s, h))), 0, 1).shape}
    return [Row("names for three matrices", 1, len(shapes)),
            Row("their shapes", ", ".join(map(_short, sorted(shapes))), None)]


def _short(shape: Any) -> str:
    return str(tuple(shape)).replace(" ", "")
