"""How a model is trained: numbers that are no part of the model."""
import math
from dataclasses import dataclass
from typing import Any

from tinyseq import optim
from tinyseq.layers import Table
from tinyseq.optim import schedules
from tinyseq.training.augment import WAYS
from tinyseq.training.sampling import SAMPLINGS


@dataclass(frozen=True)
class Recipe:
    """Everything the loop needs to know. A field that is None is switched off."""
    steps: int = 2000
    batch: int = 32                    # B, rows of a batch
    seq_len: int = 64                  # T, steps of a row
    batches: str = "streams"           # "streams": rows read on, state carried; "windows": random places, zero state
    optimiser: str = "adam"            # "sgd", "rmsprop", "adam", "adamw", "sparseadam"
    lr: float = 8e-3
    schedule: str = "cosine"           # "constant", "step", "exponential", "cosine", "plateau"
    warmup: int = 0                    # steps of linear warm-up before the cosine
    lr_end: float = 0.0                # where the cosine ends
    decay_every: int = 1000            # steps between two reductions of "step" and "exponential"
    decay_factor: float = 0.5          # and their factor, and that of "plateau"
    decay_patience: int = 2            # validations without a new best before "plateau" reduces
    beta2: float = 0.999               # of "adam", "adamw" and "sparseadam": how slowly the mean of squares forgets
    weight_decay: float = 0.0
    decayed: str = "all"               # what weight_decay is for: "all", "matrices", or of these the "linear" ones: no
                                       # table of symbols or positions
    clip_norm: float | None = 1.0      # global norm of the gradient
    clip_value: float | None = None    # size of each of its entries
    augment: str = "none"              # of images, anew in each step: "shift", "flip" (left for right), "shift_flip"
    start_from: str | None = None      # a run folder (or a file of PyTorch's weights): all but the head is taken over
    frozen: str = "none"               # what is not trained: "none", "tables" of symbols and positions, "body": all
                                       # but the head
    labelled: int | None = None        # how many examples of the training part a classifier learns from; None: all
    sampling: str | None = None        # scheduled sampling: "linear", "exponential", "inverse_sigmoid"
    sampling_end: float = 0.5          # how often a decoder still reads the true symbol at the last step
    evaluate_every: int = 500          # steps between two validations
    patience: int | None = None        # early stopping: validations without a new best
    seed: int = 0
    threads: int = 0                   # at most so many; 0: one for each core. A batch that is not split has one

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "seq_len", "evaluate_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is at least 1; got {getattr(self, name)}")
        for name, valid in (("optimiser", OPTIMISERS), ("schedule", SCHEDULES), ("batches", ("streams", "windows")),
                            ("decayed", DECAYED), ("augment", WAYS), ("frozen", FROZEN),
                            ("sampling", (None, *SAMPLINGS))):
            if getattr(self, name) not in valid:
                raise ValueError(f"{name} is one of {', '.join(map(str, valid))}; got {getattr(self, name)!r}")
        for name in ("lr", "clip_norm", "clip_value", "patience", "labelled"):
            if getattr(self, name) is not None and not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} is above 0 and finite; got {getattr(self, name)}")
        if not 0 <= self.beta2 < 1 or not 0 <= self.lr_end <= self.lr:
            raise ValueError("beta2 lies in [0, 1), and lr_end between 0 and lr; got "
                             f"beta2={self.beta2}, lr_end={self.lr_end}, lr={self.lr}")
        if not 0 < self.sampling_end < 1:
            raise ValueError(f"sampling_end lies between 0 and 1; got {self.sampling_end}")
        if self.threads < 0 or self.seed < 0 or self.warmup < 0:
            raise ValueError(f"threads, seed and warmup are at least 0; got {self.threads}, {self.seed}, "
                             f"{self.warmup}")
        if self.optimiser == "sparseadam" and self.weight_decay:
            raise ValueError("sparseadam leaves the rows that a batch does not touch alone, so it has no weight_decay; "
                             f"got {self.weight_decay}: choose weight_decay=0 or another optimiser")
        self.make_schedule()                       # raises for a decay that is none

    def make_optimiser(self, parameters: list) -> optim.base.Optimiser:
        """The optimiser of this recipe over these parameters."""
        settings: dict[str, Any] = {"lr": self.lr}
        if self.optimiser != "sparseadam":
            settings["weight_decay"] = self.weight_decay
        if "adam" in self.optimiser:
            settings["betas"] = (0.9, self.beta2)
        return OPTIMISERS[self.optimiser](self.groups(parameters), **settings)

    def groups(self, parameters: list) -> list:
        """The parameters as an optimiser takes them: those whose weights do not decay in a group of their own."""
        spared = [p for p in parameters if not DECAYED[self.decayed](p)]
        if not self.weight_decay or not spared:
            return parameters
        decaying = [p for p in parameters if DECAYED[self.decayed](p)]
        without = {"params": spared, "weight_decay": 0.0}
        return [{"params": decaying}, without] if decaying else [without]

    def make_schedule(self):
        """The learning rate by step."""
        return SCHEDULES[self.schedule](self)


FROZEN = ("none", "tables", "body")
DECAYED = {"all": lambda p: True, "matrices": lambda p: p.ndim > 1,
           "linear": lambda p: p.ndim > 1 and not isinstance(p, Table)}
OPTIMISERS = {"sgd": optim.SGD, "rmsprop": optim.RMSprop, "adam": optim.Adam, "adamw": optim.AdamW,
              "sparseadam": optim.SparseAdam}
SCHEDULES = {
    "constant": lambda r: schedules.Constant(r.lr),
    "step": lambda r: schedules.Step(r.lr, r.decay_every, r.decay_factor),
    "exponential": lambda r: schedules.Exponential(r.lr, r.decay_factor, r.decay_every),
    "cosine": lambda r: schedules.CosineWithWarmup(r.lr, min(r.warmup, r.steps - 1), r.steps, r.lr_end),
    "plateau": lambda r: schedules.Plateau(r.lr, r.decay_factor, r.decay_patience),
}
