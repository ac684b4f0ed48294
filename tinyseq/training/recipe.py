"""How a model is trained: numbers that are no part of the model."""
import math
from dataclasses import dataclass

from tinyseq import optim
from tinyseq.optim import schedules
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
    decay_every: int = 1000            # steps between two reductions of "step" and "exponential"
    decay_factor: float = 0.5          # and their factor, and that of "plateau"
    decay_patience: int = 2            # validations without a new best before "plateau" reduces
    weight_decay: float = 0.0
    clip_norm: float | None = 1.0      # global norm of the gradient
    clip_value: float | None = None    # size of each of its entries
    sampling: str | None = None        # scheduled sampling: "linear", "exponential", "inverse_sigmoid"
    sampling_end: float = 0.5          # how often a decoder still reads the true symbol at the last step
    evaluate_every: int = 500          # steps between two validations
    patience: int | None = None        # early stopping: validations without a new best
    seed: int = 0
    threads: int = 0                   # 0: one for each core, or one in all where a layer needs the whole batch

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "seq_len", "evaluate_every"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is at least 1; got {getattr(self, name)}")
        for name, valid in (("optimiser", OPTIMISERS), ("schedule", SCHEDULES), ("batches", ("streams", "windows")),
                            ("sampling", (None, *SAMPLINGS))):
            if getattr(self, name) not in valid:
                raise ValueError(f"{name} is one of {', '.join(map(str, valid))}; got {getattr(self, name)!r}")
        for name in ("lr", "clip_norm", "clip_value", "patience"):
            if getattr(self, name) is not None and not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} is above 0 and finite; got {getattr(self, name)}")
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
        decay = {} if self.optimiser == "sparseadam" else {"weight_decay": self.weight_decay}
        return OPTIMISERS[self.optimiser](parameters, lr=self.lr, **decay)

    def make_schedule(self):
        """The learning rate by step."""
        return SCHEDULES[self.schedule](self)


OPTIMISERS = {"sgd": optim.SGD, "rmsprop": optim.RMSprop, "adam": optim.Adam, "adamw": optim.AdamW,
              "sparseadam": optim.SparseAdam}
SCHEDULES = {
    "constant": lambda r: schedules.Constant(r.lr),
    "step": lambda r: schedules.Step(r.lr, r.decay_every, r.decay_factor),
    "exponential": lambda r: schedules.Exponential(r.lr, r.decay_factor, r.decay_every),
    "cosine": lambda r: schedules.CosineWithWarmup(r.lr, min(r.warmup, r.steps - 1), r.steps),
    "plateau": lambda r: schedules.Plateau(r.lr, r.decay_factor, r.decay_patience),
}
