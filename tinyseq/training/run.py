"""A run folder: everything about one training.

    config.json              model, its config, the recipe, the data
    checkpoint.safetensors   weights now and at their best, optimiser, carried state: enough to go on
    log.jsonl                a line for each tenth step and each validation
    loss.png, sample.txt     for the eye
"""
import hashlib
import json
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from tinyseq.files import load, save, write_atomically
from tinyseq.training.loop import Progress
from tinyseq.training.recipe import Recipe

CONFIG, CHECKPOINT, LOG = "config.json", "checkpoint.safetensors", "log.jsonl"
FORMAT = "tinyseq run 1"


@dataclass(frozen=True)
class RunConfig:
    """What config.json holds."""
    model: str                         # the model's id
    config: dict[str, Any]             # the fields of its Config
    recipe: dict[str, Any]             # the fields of Recipe
    data: dict[str, Any]               # what the task needs to find its data again

    def write(self, folder: Path) -> None:
        """Write config.json, whole or not at all."""
        write_text(folder / CONFIG, json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False))

    @classmethod
    def read(cls, folder: Path) -> "RunConfig":
        """Read config.json. Raises ValueError if the folder is no run folder."""
        try:
            content = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
            if content.pop("format") != FORMAT:
                raise ValueError("another format")
            run = cls(**content)
            Recipe(**run.recipe)                       # raises for fields and values that are none
            run.data["corpus"]
            return run
        except FileNotFoundError:
            raise ValueError(f"{folder} is no run folder: it has no {CONFIG}; name the folder that `tinyseq train` "
                             "printed (runs/MODEL-N)") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{folder / CONFIG} is damaged or not from tinyseq ({error}); train a new run") from None


def free_folder(out: str | None, model: str) -> Path:
    """A name for the folder of a new run: `out`, or the first free runs/MODEL-N. Raises ValueError if `out` exists
    already."""
    if out is not None and Path(out).exists():
        raise ValueError(f"{out} exists already: give --out another name, or go on with it by --resume {out}")
    names = [out] if out is not None else (f"runs/{model}-{n}" for n in count(1))
    return next(path for path in map(Path, names) if not path.exists())


def make_folder(folder: Path) -> None:
    """Make the folder of a new run. Raises ValueError if it cannot be made."""
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise ValueError(f"the run folder {folder} cannot be made ({error.strerror}): give --out another place"
                         ) from None


def save_checkpoint(folder: Path, progress: Progress, model: Any, optimiser: Any, task: Any) -> None:
    """Write the checkpoint, whole or not at all."""
    parts = {"model": model.state_dict(), "best": progress.best_weights, "optimiser": optimiser.state_dict(),
             "task": task.state_dict()}
    tensors = {f"{part}/{name}": array for part, arrays in parts.items() for name, array in arrays.items()}
    metadata = {"format": FORMAT, "step": str(progress.step), "validations": json.dumps(progress.validations),
                "data": fingerprint(task.saved)}
    save(folder / CHECKPOINT, tensors, metadata)


def fingerprint(data: dict[str, Any]) -> str:
    """Of what a run noted about its data, but for where they lie: weights mean nothing beside another vocabulary, even
    one of the same size."""
    noted = {name: value for name, value in data.items() if name not in ("corpus", "sha256")}
    return hashlib.sha256(json.dumps(noted, sort_keys=True).encode()).hexdigest()


def load_checkpoint(folder: Path, data: dict[str, Any] | None = None) -> tuple[Progress, dict[str, dict[str, Any]]]:
    """The progress, and the arrays of "model", "best", "optimiser" and "task"; data: what config.json notes about the
    data. Raises ValueError for a file that is missing, damaged, not a run's or of other data."""
    path = folder / CHECKPOINT
    tensors, metadata = load(path)
    if metadata.get("format") != FORMAT:
        raise ValueError(f"{path} is not a checkpoint of a run; name the folder that `tinyseq train` printed")
    if data is not None and metadata.get("data", fingerprint(data)) != fingerprint(data):  # early versions do not say
        raise ValueError(f"{path} is of another vocabulary, or of other data, than {CONFIG} beside it: take back the "
                         "one that it was saved with, or train a new run")
    parts: dict[str, dict[str, Any]] = {"model": {}, "best": {}, "optimiser": {}, "task": {}}
    try:
        for key, array in tensors.items():
            part, _, name = key.partition("/")
            parts[part][name] = array
        validations = [(step, value) for step, value in json.loads(metadata["validations"])]
        return Progress(int(metadata["step"]), validations, parts["best"]), parts
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({error}): take another copy, or train a new run") from None


def best_weights(folder: Path, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """The weights to use: the best validated ones, or the last if none was validated yet. data, and what it raises: as
    load_checkpoint."""
    _, parts = load_checkpoint(folder, data)
    return parts["best"] or parts["model"]


class Log:
    """log.jsonl: one JSON object a line, appended."""

    def __init__(self, folder: Path, step: int = 0):
        """Keeps the lines up to `step` if the file exists: those after the checkpoint will be written again."""
        self.path = folder / LOG
        kept = [line for line in read_log(folder) if line["step"] <= step]
        write_text(self.path, "".join(json.dumps(line) + "\n" for line in kept))
        self.file = self.path.open("a", encoding="utf-8")

    def write(self, **line: Any) -> None:
        """Append a line."""
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()

    def close(self) -> None:
        """No more lines."""
        self.file.close()


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The lines of log.jsonl; a last line that was cut off is left out."""
    path = folder / LOG
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            lines.append(json.loads(line))
        except ValueError:
            break
    return lines


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    write_atomically(path, text.encode())
