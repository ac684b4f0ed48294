"""The transformer of 9.4, the transferred ResNet and the miniGPT of 9.5."""
import math
from dataclasses import replace
from functools import partial
from typing import Any

from tinyseq.autograd import Tensor, no_grad, tensor
from tinyseq.backend import host, manual_seed, to_device
from tinyseq.errata.measures import apart, difference, fit, rng, values
from tinyseq.errata.specimen import Row, specimen
from tinyseq.layers import causal_mask
from tinyseq.layers.attention.relative import turned
from tinyseq.layers.positions import angles
from tinyseq.models.attention_cnn import TINY, AttentionCNN
from tinyseq.models.char_transformer import CharTransformer, Config
from tinyseq.models.mini_gpt import Config as GPTConfig
from tinyseq.models.mini_gpt import MiniGPT
from tinyseq.ops import rotary, softmax
from tinyseq.optim.schedules import CosineWithWarmup
from tinyseq.training.images import ImageBatch
from tinyseq.training.start import freeze_body

np = host.np

LR, WARMUP, EPOCHS, STEPS = 1e-4, 4000, 100, 100 * 34_848      # 9.4: an epoch is a window of 256 at each place, by 32


@specimen("one-frequency", "9.4", "layers/attention/relative.py")
def one_frequency() -> list[Row]:
    """All pairs of channels are turned at one speed: the positions are a clock with a single hand.

    Book    angle of step t, for each of the d/2 pairs: t exp(-8 ln d / d),   d = 64
    Wrong   The same angle everywhere: after 10.6 steps the hand has gone round, and a key 74 steps back, seven rounds,
            looks as if it stood here. What is near cannot be told from what is far.
    Cure    t 10000^(-2i/d), another speed for each pair. A vector against itself, further back and further."""
    T, d = 257, 64
    x = np.broadcast_to(rng().normal(size=d), (1, T, 1, d)).copy()
    theta = math.exp(-8 * math.log(d) / d)
    a = np.arange(T)[:, None, None] * np.full(d // 2, theta)
    by_book = rotary(tensor(x), cos=to_device(np.cos(a)), sin=to_device(np.sin(a)))
    columns = [values(y)[0, :, 0] for y in (by_book, turned(tensor(x), 0))]
    agree = [(y[32:] @ y[0]) / (y[0] @ y[0]) for y in columns]                      # at 32 .. 256 steps
    frequencies = [len(set(np.round(row, 12).tolist())) for row in (a[1, 0], values(angles(1, d)))]
    return [Row("q k at the best distance from 32 to 256, at 0: 1", *(float(e.max()) for e in agree)),
            Row("at this distance", *(int(e.argmax()) + 32 for e in agree)), Row("different speeds", *frequencies)]


def rate(step: int) -> float:
    """The listing's learning rate."""
    if step < WARMUP:
        return LR * step / WARMUP
    return LR * 0.5 * (1 + math.cos((step - WARMUP) * -math.pi / (EPOCHS * 1000)))


@specimen("seventeen-waves", "9.4", "optim/schedules.py")
def seventeen_waves() -> list[Row]:
    """The cosine does not end where the training ends: it goes up and down all the way.

    Book    lr(step) = lr (1 + cos(pi (step - warmup) / (100 x 1000))) / 2,   100 epochs
    Wrong   An epoch is taken for 1,000 steps; by the data it has 34,848. So the half-wave is over after 100,000 of
            3,484,800 steps, and the rate rises again, and falls, with a period of 200,000.
    Cure    one half-wave over the steps that there are: CosineWithWarmup(lr, warmup, total)"""
    sound = CosineWithWarmup(LR, WARMUP, STEPS)
    steps = range(WARMUP, STEPS, 1000)
    columns = []
    for schedule in (rate, sound.lr):
        rates = np.array([schedule(step) for step in steps])
        rising = np.diff(rates) > 0
        columns.append((int((rising[1:] & ~rising[:-1]).sum()), schedule(STEPS // 2 // 200_000 * 200_000 + WARMUP)))
    return [Row("times that the rate begins to rise again", *(times for times, _ in columns)),
            Row("rate half-way, in parts of the highest", *(half / LR for _, half in columns))]


@specimen("first-step-at-zero", "9.4", "optim/schedules.py")
def first_step_at_zero() -> list[Row]:
    """The first step of the warm-up has the rate 0.

    Book    lr(step) = lr step / warmup for step = 0 .. warmup - 1
    Wrong   Step 0 computes a gradient and moves nothing: a batch for nothing, and to somebody who looks at the weights
            after one step, a program that does not learn.
    Cure    lr (step + 1) / warmup"""
    return [Row("rate of the first step", rate(0), CosineWithWarmup(LR, WARMUP, STEPS).lr(0)),
            Row("rate of step 3,999, the last of the warm-up", rate(WARMUP - 1),
                CosineWithWarmup(LR, WARMUP, STEPS).lr(WARMUP - 1))]


@specimen("widened-embedding", "9.4", "models/char_transformer.py")
def widened_embedding() -> list[Row]:
    """The embedding called adaptive is a plain one that costs 35 times as much.

    Book    e = E[id] P + b with E (V, 4C), P (4C, C)
    Wrong   For each of V characters that is one vector of C: the table E P + b, (V, C), says the same. Adaptive would
            be fewer numbers for rare symbols; of 65 characters none needs it.
    Cure    "plain": E (V, C). Put in the place of E and P, their table says what they say, to the last digit."""
    config = Config(V=65, C=512, num_layers=1, num_heads=8)
    manual_seed(0)
    counts = []
    for embedding in ("widened", "plain"):
        model = CharTransformer(replace(config, embedding=embedding))
        counts.append(sum(p.size for name, p in model.named_parameters() if name.split(".")[0] in "EP"))
    widened = CharTransformer(replace(config, C=16, num_heads=2, embedding="widened")).astype("float64")
    plain = CharTransformer(replace(config, C=16, num_heads=2)).astype("float64")
    ids = np.arange(65)[None]
    with no_grad():
        plain.E.W.data = widened.embedded(ids).data[0]
    return [Row("weights of the embedding (sound: plain)", *counts),
            Row("difference of what they say", difference(widened.embedded(ids), plain.embedded(ids)), None)]


@specimen("mask-for-everyone", "9.4", "layers/attention/masks.py")
def mask_for_everyone() -> list[Row]:
    """The causal mask is written out for each text of the batch and each head.

    Book    mask (32, 8, 256, 256): one square, 256 times
    Wrong   All of them are equal, and they fit batches of 32 rows of 256 steps and nothing else: no other batch, and no
            prompt.
    Cure    one (1, T, T), which goes for all"""
    T = 256
    return [Row("entries of the mask", 32 * 8 * T * T, int(causal_mask(T).size))]


def mean_loss(model: Any, batch: Any) -> Tensor:
    """Nats an example."""
    total, n = model.loss(batch)
    return total / n


@specimen("head-called-fine-tuning", "9.5", "training/start.py")
def head_called_fine_tuning() -> list[Row]:
    """What is called fine-tuning trains a new last layer and leaves the network as it is.

    Book    features of all images are computed once, without gradients; then a linear layer (512, K) is trained on them
    Wrong   That is transfer, and often a good beginning, but nothing of the network is tuned: none of its weights
            moves, and what its features do not show, no layer on top can find.
    Cure    start_from=RUN with frozen="body" is the first, frozen="none" the second"""
    images = rng().normal(size=(12, 1, 14, 14)).astype("float32")
    batch = ImageBatch(images=images, labels=np.arange(12) % 3)
    columns = []
    for tuned in (False, True):
        manual_seed(0)
        model = AttentionCNN(replace(TINY, C1=4, C2=4, H=8))
        if not tuned:
            freeze_body(model)
        before = model.state_dict()
        losses = fit(model.trained(), partial(mean_loss, model, batch), 150, lr=0.02)
        moved = max(difference(after, before[name]) for name, after in model.state_dict().items()
                    if not name.startswith(model.head))
        columns.append((moved, losses[-1]))
    what = ["largest change of a weight below the head", "nats of the training images, 150 steps"]
    return [Row(name, faulty, sound) for name, faulty, sound in zip(what, *columns, strict=True)]


@specimen("padded-with-a-letter", "9.5", "models/mini_gpt.py")
def padded_with_a_letter() -> list[Row]:
    """A short prompt is filled up with the letter that happens to have the number 0.

    Book    ids = 0 (128), the prompt's characters at the end; number 0 is the first character of the text, an F
    Wrong   The network reads a hundred F and takes them for what was written. There is no character that stands for
            nothing, and no mask that hides it.
    Cure    the prompt alone: a model's state begins empty (start, step), and a causal model needs no padding"""
    manual_seed(0)
    model = MiniGPT(GPTConfig(V=5, C=16, num_layers=2, num_heads=2, context=128, tied=False))
    prompt = rng().integers(1, 5, (1, 8))
    padded = np.concatenate([np.zeros((1, 120), int), prompt], axis=1)
    for p in model.parameters():
        p.data = p.data * (10 if p.ndim == 2 else 1)       # as decided as a trained one
    with no_grad():
        by_padding, alone = (softmax(model(ids)[0][:, -1]) for ids in (padded, prompt))
        state = model.start(1)
        for ids in prompt.T:
            logits, state = model.step(ids, state)
    return [Row("total variation of P(next) from the prompt's own", apart(by_padding, alone),
                apart(softmax(logits), alone)),
            Row("characters read that nobody wrote", padded.size - prompt.size, None)]
