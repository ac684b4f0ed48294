"""A chapter's model in the size that a pencil can follow."""
from pathlib import Path

from tinyseq import models
from tinyseq.backend import manual_seed
from tinyseq.backend.host import np
from tinyseq.tracing.ledger import Ledger, trace
from tinyseq.training import tasks


def tiny(name: str, seed: int = 0) -> Ledger:
    """The trace of a model of `tinyseq models` in its TINY size, on a small random batch of its task: the loss, forward
    and backward. Raises ValueError for a name that is none."""
    page = models.find(name)
    manual_seed(seed)
    model = page.Model(page.TINY).astype("float64")
    return trace(model, tasks.find(model.task).tiny_batch(page.TINY, np.random.default_rng(seed)))


def report(name: str, html: str | None, worksheet: str | None) -> None:
    """What `tinyseq trace` does: the page and the worksheet to these files, the table where neither is asked for.
    Raises ValueError for a name or a file that cannot be, before anything is written."""
    for path in filter(None, (html, worksheet)):
        if Path(path).is_dir() or not Path(path).resolve().parent.is_dir():
            raise ValueError(f"{path} is a folder, or lies in one that does not exist: name a file that can be written")
    ledger = tiny(name)
    if html:
        ledger.html(html)
    if worksheet:
        ledger.worksheet(worksheet)
    if not html and not worksheet:
        ledger.show()
