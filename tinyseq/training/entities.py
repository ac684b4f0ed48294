"""The task of finding named entities: tagging, on WNUT-17 unless another corpus is named, measured by entities."""
from tinyseq.training.tagging import TaggingTask


class EntityTask(TaggingTask):
    """As TaggingTask, of which CORPORA says by corpus what is measured."""

    default = "wnut17"
    data = "WNUT-17; UD English EWT"
