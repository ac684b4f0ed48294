"""Practice 9.5: dropout and weight decay. (Its last piece, the search: search_9_5.py.)"""
from dataclasses import replace
from typing import Any

from tinyseq.autograd import tensor
from tinyseq.backend import to_device
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.practices.image_attention_9_1 import nearest
from tinyseq.exercises.probes import as_model, count, drops, mixes, scores, silent, total, values
from tinyseq.layers import GRU, LSTM, RNN, LayerNorm, Linear, Module
from tinyseq.optim import Adam, AdamW
from tinyseq.training import Recipe
from tinyseq.training.images import ImageBatch, ImageTask

SIDE, H, K = 28, 64, 10
LOOKED_AT = (0, 14, 27)                  # rows: whether y sees them
TRAINED = 500                            # images of MNIST that the comparison is trained on
MANY = 60                                # times an image is read in training, to count what is dropped


def stepped(w: list[Any], dw: list[Any], lr: float, decay: float, eps: float, optimiser: Any = AdamW,
            decaying: int = 1) -> list[Any]:
    """(1) to (4), by the library. decaying: how many of them decay."""
    parameters = [tensor(one.copy(), requires_grad=True) for one in w]
    for parameter, gradient in zip(parameters, dw, strict=True):
        parameter.grad = to_device(gradient.copy())
    groups: list[dict[str, Any]] = [{"params": parameters[:decaying]},
                                    {"params": parameters[decaying:], "weight_decay": 0.0}]
    optimiser([group for group in groups if group["params"]], lr, eps=eps, weight_decay=decay).step()
    return [parameter.numpy() for parameter in parameters]


def by_another_step(W_prev: Any, b_prev: Any, gamma_prev: Any, dW: Any, db: Any, dgamma: Any, lr: float, decay: float,
                    eps: float) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results: another optimiser's step, or that of other groups."""
    w, dw = [W_prev, b_prev, gamma_prev], [dW, db, dgamma]
    by_l2, all_by_l2 = (stepped(w, dw, lr, decay, eps, Adam, decaying) for decaying in (1, 3))
    together, plain = stepped(w, dw, lr, decay, eps, decaying=3), stepped(w, dw, lr, 0.0, eps)
    return {
        "the decay of b and gamma is added to their gradients as well, as Adam's L2 penalty is":
            dict(zip(("W", "b", "gamma"), all_by_l2, strict=True)),
        "the decay is added to the gradient, as Adam's L2 penalty is, and divided by its size in (1); in (2) it stands "
        "beside the direction": {"W": by_l2[0]},
        "b and gamma decay as well": {"b": together[1], "gamma": together[2]},
        "the step is made first, and what it has made of W decays; in (2) W_prev decays":
            {"W": plain[0] * (1 - lr * decay)},
    }


@exercise("practice-9.5-decay", "9.5", likely=by_another_step, gives="W (D, K), b (K), gamma (K)")
def decay(draw: Draw) -> Case:
    """Weight decay that is no part of the gradient: the first step of AdamW, with its parameter groups.

    Only matrices decay. A bias and the gain of a layer normalisation stay as large as the data want them.

    (1) u_w   = dw / (sqrt(dw^2) + eps)                 for w = W, b and gamma: Adam's direction in its first step
    (2) W     = W_prev - lr decay W_prev - lr u_W       (D, K)
    (3) b     = b_prev - lr u_b                         (K,)
    (4) gamma = gamma_prev - lr u_gamma                 (K,)

    Given   W_prev (D, K), b_prev (K), gamma_prev (K), before the step; dW (D, K), db (K), dgamma (K), dL/dw of each;
            lr, decay and eps, numbers above 0. Leave the arrays that are given as they are
    Hint    If decay were 0, all three would be treated alike. Write that first.
    Hint    Work it out for one weight of 2 with a gradient of 0: by how much does it become smaller, and does eps
            matter?
    Hint    The decay is a second term of (2), beside the direction and not inside of it: what goes through the root of
            (1) has lost its size.
    Look    W: which two terms are subtracted, is lr a factor of both, and of which W is the decay?
    Look    b: does it decay? And by which number is its gradient divided?
    Look    gamma: it is a vector, as b is."""
    D, N = draw.sizes(2)
    w, dw = ([draw.array(D, N), draw.array(N), draw.array(N)] for _ in range(2))
    lr, rate, eps = (float(n) for n in draw.rng.uniform((0.05, 0.3, 0.1), (0.2, 0.9, 0.3)))
    given = {"W_prev": w[0], "b_prev": w[1], "gamma_prev": w[2], "dW": dw[0], "db": dw[1], "dgamma": dw[2], "lr": lr,
             "decay": rate, "eps": eps}
    return Case(given, dict(zip(("W", "b", "gamma"), stepped(w, dw, lr, rate, eps), strict=True)))


def probed(returned: Any, p: float) -> tuple[Any, ...]:
    """What is found out about a network."""
    model = as_model(returned).astype("float64").eval()
    images = np.random.RandomState(3).standard_normal((3, 1, SIDE, SIDE))
    batch = ImageBatch(images=images, labels=np.array([3, 1, 4]))

    def f(images: Any) -> Any:
        return model(replace(batch, images=images))
    y = scores(f(images))
    idle = silent(model, model.loss(batch)[0]) if y.shape == (3, K) else np.asarray(-1)
    seen = np.array([(values(f(images + (np.arange(SIDE) == row)[:, None])) != y).any() for row in LOOKED_AT])
    on_off = np.stack([drops(model.train() and f, images), drops(model.eval() and f, images)])
    return (count(model), np.asarray(y.shape), idle, seen.astype(int), mixes(f, images), on_off,
            *through(model, f, images, p))


def through(model: Any, f: Any, images: Any, p: float) -> tuple[Any, Any]:
    """Which share of u is 0 in training, to one decimal; and how large the rest is there, in parts of n / (1 - p). With
    ones on the diagonal of W and without b, y is the first entries of u."""
    W, b = ([one for one in model.parameters() if one.shape == shape] for shape in ((H, K), (K,)))
    if len(W) != 1 or len(b) != 1:
        return np.asarray(-1.0), np.asarray(-1.0)
    W[0].data, b[0].data = to_device(np.eye(H, K)), b[0].data * 0
    n, u = values(f(images)), values(f(np.repeat(images, MANY, axis=0) if model.train() else images))
    if u.shape != (MANY * len(n), K):
        return np.asarray(-1.0), np.asarray(-1.0)
    rest = (u / np.repeat(n, MANY, axis=0))[u != 0]
    return np.asarray((u == 0).mean().round(1)), np.asarray(np.median(rest) * (1 - p))


def likely(p: float) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    output, norm = Linear(H, K).count(), LayerNorm(H).count()
    right = GRU(SIDE, H).count() + norm + output
    return {
        "dropout is on in evaluation as well": {"drops": [1, 1]},
        "there is no dropout in training (3)": {"drops": [0, 0]},
        "dropout is on in evaluation and off in training": {"drops": [0, 1]},
        "each entry is kept with probability p, and in (3) it is dropped with it": {"dropped": np.round(1 - p, 1)},
        "what is kept is not divided by 1 - p (3): in training y is smaller than in evaluation": {"scale": 1 - p},
        "what is kept is divided by 1 - p in training, and everything multiplied by it in evaluation as well: one of "
        "both is enough (3)": {"scale": 1 / (1 - p)},
        "what is kept is divided by p, and in (3) by 1 - p": {"scale": (1 - p) / p},
        "what is kept is multiplied by 1 - p, and in (3) divided by it": {"scale": (1 - p) ** 2},
        "y is made of the first row alone": {"sees": [1, 0, 0]},
        "y is made of the last row alone: nothing of a row reaches the next one": {"sees": [0, 0, 1]},
        "it has the weights of an LSTM, and (1) is a GRU": {"weights": LSTM(SIDE, H).count() + norm + output},
        "it has the weights of a plain RNN, and (1) is a GRU": {"weights": RNN(SIDE, H).count() + norm + output},
        "it has the weights of both directions, and (1) is one":
            {"weights": GRU(SIDE, H, bidirectional=True).count() + LayerNorm(2 * H).count() + Linear(2 * H, K).count()},
        "the layer normalisation of (2) is missing": {"weights": right - norm},
        "the whole image goes in as one step, and in (1) each row is one":
            {"weights": GRU(SIDE * SIDE, H).count() + norm + output},
        "each pixel is a step, and in (1) each row is one": {"weights": GRU(1, H).count() + norm + output},
        "there is a score at every row: the mean over the rows of (2) is missing": {"shape": [3, SIDE, K]},
        "the mean of (2) goes over the images, and should go over the rows": {"shape": [SIDE, K]},
        "the rows of y depend on other images as well": {"rows": np.ones((3, 3), int)},
        "the layer normalisation of (2) is made and never called: its gain and bias are silent":
            {"silent": 2, "weights": right},
    }


def parts(p: float) -> tuple[Module, ...]:
    """The layers of a right model."""
    return GRU(SIDE, H), LayerNorm(H), Linear(H, K)


@exercise("practice-9.5-model", "9.5", probe=probed, likely=likely, parts=parts,
          gives="weights (), shape (axis), silent (), sees (three), rows (B, B), drops (mode), dropped (), scale ()")
def model(draw: Draw) -> Case:
    """A recurrent network that reads an image row by row, with dropout.

    (1) h_t = GRU(x_t, h_{t-1})                    (B, 64)      x_t: row t of the image, 28 numbers, t = 1 .. 28
    (2) n   = layer norm of (1/28) sum_t h_t       (B, 64)
    (3) u   = n m / (1 - p)                        (B, 64)      in training; m is 0 with probability p, else 1
        u   = n                                                 in evaluation
    (4) y   = u W + b                              (B, 10)      a score for each digit

    Return a model of models.attention_cnn.AttentionCNN's kind: a class that inherits its `loss` and `predict`, with an
    `__init__` that makes the layers (and calls no other) and a `__call__(batch)` by (1) to (4) from batch.images
    (B, 1, 28, 28).

    Looked at are: the number of its `weights`; the `shape` of y for three images; how many of its parameters are
    `silent`, without any part in the loss; whether y `sees` the first row of an image, one in the
    middle and the last; which `rows` of y depend on which images; whether it `drops` in training, and in evaluation;
    which share of u is `dropped`; and the `scale`: how large the rest of u is, in parts of (3).

    Given   p, the probability with which an entry is dropped
    Hint    batch.images has an axis for its one colour. Without it an image is a sequence already: which axis are the
            steps?
    Hint    layers.GRU(28, 64), layers.LayerNorm(64), layers.Dropout(p), layers.Linear(64, 10). A layer knows by itself
            whether it is in training, if it is an attribute of the model.
    Hint    x = autograd.tensor(batch.images[:, 0], dtype=...); the GRU returns the states of all rows (B, 28, 64) and
            the last one. The mean of (2) goes over axis 1.
    Look    weights: those of the GRU over 28 numbers a step, 2 x 64 of the layer norm, W and b.
    Look    shape: one score for each digit and image, (B, 10).
    Look    silent: is each layer that is made called as well?
    Look    sees: all rows of an image have a part in y.
    Look    rows: no image should know of another one.
    Look    drops: one call in training differs from the next, one in evaluation does not.
    Look    dropped: is p the probability of an entry's being dropped, or of its being kept?
    Look    scale: of a share p nothing is left; what makes up for it in (3), and where alone?"""
    draw.sizes(1)
    p = float((0.2, 0.3, 0.4, 0.6, 0.7, 0.8)[int(draw.ids(6))])
    right = (total(parts(p)), (3, K), 0, np.ones(3, int), np.eye(3, dtype=int), (1, 0), p, 1.0)
    names = ("weights", "shape", "silent", "sees", "rows", "drops", "dropped", "scale")
    return Case({"p": p}, dict(zip(names, map(np.asarray, right), strict=True)))


@practice("practice-9.5", "9.5", {"p": (0.0, 0.3, 0.6), "decay": (0.0, 0.1, 1.0)},
          measures="accuracy, in_training", seconds=20)
def regularisation() -> Baseline:
    """How much dropout, and how much weight decay, where data are few.

    Train your model with this p on 500 images of MNIST by AdamW with this decay of its matrices, and measure the
    accuracy on the validation part and on the 500 images themselves: the difference is what it has learnt by heart.
    training.images.ImageTask.prepare(Recipe(labelled=500, optimiser="adamw", weight_decay=decay, decayed="matrices",
    ...), "mnist") has the data, its `validate(model)` returns the error, and its `encoder.probabilities(model, pixels)`
    what the model says of any images; training.train trains. 400 steps of 32 images are enough. All rows have the same
    number of steps, and are measured after the last one. The best row has to beat the nearest image: of the 500 the one
    that differs least says the label.

    Then search between the rows, with the last piece: its loss is the error of your experiment."""
    parts = ImageTask.prepare(Recipe(labelled=TRAINED), "mnist").parts
    return Baseline("the nearest image", nearest(parts.train, parts.validation), less_is_better=False)
