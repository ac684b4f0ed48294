"""Practice 9.1: self-attention in a convolutional network. (Its first piece: place_attention_9_1.py.)"""
from dataclasses import replace
from typing import Any

from tinyseq.autograd import Tensor, gradients, tensor
from tinyseq.backend import to_host
from tinyseq.data import Images
from tinyseq.exercises.draw import Draw, np
from tinyseq.exercises.exercise import Case, exercise
from tinyseq.exercises.practice import Baseline, practice
from tinyseq.exercises.probes import as_model, count, drops, mixes, values
from tinyseq.layers import Module
from tinyseq.models.attention_cnn import AttentionCNN, Config
from tinyseq.rowgrad import dense
from tinyseq.training import Recipe
from tinyseq.training.images import ImageBatch, ImageTask

SIZES = Config(C1=8, C2=16, H=32, dropout=0.3)
TRAINED = 1000                           # images of MNIST that the comparison is trained on


def config(after: int, num_heads: int) -> Config:
    """The sizes of the library's own network with such an attention; num_heads = 0: without any."""
    return replace(SIZES, attention=after if num_heads else 0, num_heads=max(num_heads, 1))


def probed(returned: Any, after: int, num_heads: int) -> tuple[Any, ...]:
    """What is found out about a network."""
    model = as_model(returned).astype("float64").eval()
    images = np.random.RandomState(after).standard_normal((3, 1, SIZES.size, SIZES.size))
    batch = ImageBatch(images=images, labels=np.array([3, 1, 4]))

    def f(images: Any) -> Any:
        return model(replace(batch, images=images))
    y = values(f(images))
    idle = silent(model, model.loss(batch)[0]) if y.shape == (3, SIZES.K) else -1
    alpha = np.shape(values(tensor(model.attention_weights(batch)))) if num_heads else (0, 0, 0, 0)
    in_training, not_in_use = drops(model.train() and f, images), drops(model.eval() and f, images)
    return (count(model), np.asarray(y.shape), np.asarray(idle), np.asarray(alpha), mixes(f, images),
            np.stack([in_training, not_in_use]), np.asarray(int(not np.allclose(y.sum(axis=-1), 1))),
            through(model, f, images))


def silent(model: Module, loss: Tensor) -> int:
    """How many matrices have no part in the loss. (The bias of the keys never has, but for rounding.)"""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    largest = [np.abs(to_host(dense(g))).max() for g in gradients(loss, matrices)]
    return sum(int(one <= 1e-9 * max(largest)) for one in largest)


def through(model: Module, f: Any, images: Any) -> Any:
    """1 if images still differ in y once the attention's matrices, which begin with C1 or C2 rows, are 0."""
    for p in model.parameters():
        if p.ndim == 2 and p.shape[0] in (SIZES.C1, SIZES.C2):
            p.data = p.data * 0
    y = values(f(images))
    return np.asarray(int(not np.allclose(y[0], y[1])))


def likely(after: int, num_heads: int) -> dict[str, dict[str, Any]]:
    """What a mistake would make of the results."""
    def weights(after: int, num_heads: int) -> int:
        return AttentionCNN(config(after, num_heads)).count()
    there, C = int(num_heads > 0), (SIZES.C1, SIZES.C2)[after - 1]
    T = (12 * 12, 4 * 4)[after - 1]
    right, none = weights(after, num_heads), weights(after, 0)

    def shape(*axes: int) -> list[int]:
        return [3, *axes] if there else [0] * 4
    return {
        "the sequence has one step, for the whole map was flattened: the softmax is 1, and queries and keys learn "
        "nothing; the steps are the places": {"alpha": shape(num_heads, 1, 1)},
        "the channels attend to each other, and in (2) the places do: T = h w": {"alpha": shape(num_heads, C, C)},
        "the images of the batch attend to each other: the first axis of what (2) gets must be the images":
            {"rows": np.ones((3, 3), int) if there else np.eye(3, dtype=int)},
        "there is one head, whatever num_heads says": {"alpha": shape(1, T, T), "weights": right},
        "there is no attention in it": {"weights": none},
        "there is attention after both convolutions":
            {"weights": right + there * (weights(3 - after, num_heads) - none)},
        "the attention stands after the other convolution": {"weights": weights(3 - after, num_heads)},
        "with num_heads = 0 there should be no attention, and there is": {"weights": weights(after, num_heads or 1)},
        "the attention's projections have no biases": {"weights": right - there * 4 * C},
        "the attention is made and never called, or what it returns is thrown away: its matrices are silent":
            {"silent": 4 * there},
        "queries and keys have no part in the loss, as in a sequence of one step": {"silent": 2 * there},
        "the map itself does not come through: the residual is missing, and (2) and (4) are x + attention":
            {"through": 1 - there},
        "dropout is on in evaluation as well": {"drops": [1, 1]},
        "there is no dropout in training (5)": {"drops": [0, 0]},
        "y has been through the softmax already, and the loss takes it once more: return the scores of (6)":
            {"scores": 0},
        "the weights of the heads were averaged, and each head has its own":
            {"alpha": [3, T, T] if there else [0] * 4},
    }


def parts(after: int, num_heads: int) -> tuple[Module, ...]:
    """The layers of a right model."""
    return (AttentionCNN(config(after, num_heads)),)


@exercise("practice-9.1-model", "9.1", probe=probed, likely=likely, parts=parts,
          gives="weights (), shape (axis), silent (), alpha (axis), rows (B, B), drops (mode), scores (), through ()")
def model(draw: Draw) -> Case:
    """A convolutional network with self-attention after one of its convolutions.

    (1) x = pool(ReLU(conv1(images)))              (B, 8, 12, 12)     layers.Conv2d of 5 x 5, layers.MaxPool2d(2)
    (2) x = x + attention over its places          after = 1:         144 places of 8 channels
    (3) x = pool(ReLU(conv2(x)))                   (B, 16, 4, 4)      5 x 5 once more
    (4) x = x + attention over its places          after = 2:         16 places of 16 channels
    (5) u = dropout(ReLU(x, as one row, W_h + b_h))        (B, 32)    with p = 0.3
    (6) y = u W_y + b_y                            (B, 10)            a score for each digit

    With num_heads = 0 there is neither (2) nor (4). Return a model of models.attention_cnn.AttentionCNN's kind: a class
    that inherits its `loss` and `predict`, with an `__init__` that makes the layers (and calls no other), `__call__(
    batch)` by (1) to (6) from batch.images (B, 1, 28, 28), and `attention_weights(batch)`, which returns alpha (B,
    num_heads, T, T). layers.images.PlaceAttention(C, num_heads) is (2) or (4), residual and biases included.

    Looked at are: the number of its `weights`; the `shape` of y for three images; how many of its matrices are
    `silent`, without any part in the loss; the sizes of `alpha` (0 where there is no attention); which `rows` of y
    depend on which images; whether it `drops` in training, and in evaluation; whether y are `scores`, 1, or add up to 1
    already, 0; and whether the map comes `through` an attention whose matrices are 0.

    Given   after, 1 or 2; num_heads, 0 or a number that divides the channels
    Hint    Print the shape after each step for three images. Which of them have the channels where?
    Hint    images are NumPy's: autograd.tensor(batch.images, dtype=self.output.W.dtype) begins the way. One attention
            is made, of 8 or of 16 channels; if num_heads is 0 it is None.
    Hint    In `__call__` the attention stands behind the pooling: x = self.attention(x) where after says so.
            attention_weights goes the same way up to there and asks self.attention.weights(x).
    Look    weights: count (1), (3), (5) and (6) by hand, then 4 (C C + C) for the attention, C the channels it sees.
    Look    shape: one score for each digit and image, (B, 10).
    Look    silent: which matrices have a gradient of 0? In a softmax over one key, what can a query change?
    Look    alpha: how many places has the map behind this convolution?
    Look    rows: no image should know of another one.
    Look    drops: one call in training differs from the next, one in evaluation does not.
    Look    scores: the loss makes probabilities of y itself.
    Look    through: what is left of x + a where a is 0?"""
    after, num_heads = 1 + int(draw.ids(2)), int((0, 1, 2, 4)[int(draw.ids(4))])
    library = AttentionCNN(config(after, num_heads))
    images = np.zeros((3, 1, SIZES.size, SIZES.size))
    seen = library.attention_weights(ImageBatch(images=images, labels=None)) if num_heads else None
    alpha = (0, 0, 0, 0) if seen is None else to_host(seen).shape
    right = (library.count(), (3, SIZES.K), 0, alpha, np.eye(3, dtype=int), (1, 0), 1, 1)
    names = ("weights", "shape", "silent", "alpha", "rows", "drops", "scores", "through")
    return Case({"after": after, "num_heads": num_heads},
                dict(zip(names, map(np.asarray, right), strict=True)))


@practice("practice-9.1", "9.1", {"after": (1, 2), "num_heads": (0, 1, 2, 4)}, measures="accuracy, parameters",
          seconds=20)
def image_attention() -> Baseline:
    """How many heads, and after which convolution, for handwritten digits.

    Train your model with attention after convolution 1 or 2, of so many heads, on 1,000 images of MNIST, and measure
    the accuracy on the validation part. training.images.ImageTask.prepare(Recipe(labelled=1000, ...), "mnist") has the
    data, its `validate(model)` returns the error, and training.train trains. num_heads = 0 is the network without
    attention: its two rows are the same experiment. 150 steps of 32 images are enough. The best row has to beat the
    nearest image: of the 1,000 the one that differs least says the label."""
    parts = ImageTask.prepare(Recipe(labelled=TRAINED), "mnist").parts
    return Baseline("the nearest image", nearest(parts.train, parts.validation), less_is_better=False)


def nearest(known: Images, asked: Images) -> float:
    """How often the image of `known` with the least squared difference has the label of the one that is asked for."""
    a, b = (images.pixels.reshape(len(images), -1).astype(float) for images in (known, asked))
    found = ((a * a).sum(axis=1) - 2 * b @ a.T).argmin(axis=1)              # |a - b|^2 less |b|^2
    return float((known.labels[found] == asked.labels).mean())
