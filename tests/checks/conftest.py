import pytest

from tinyseq import backend
from tinyseq.autograd import OPS

collect_ignore = ["test_writes.py"] if backend.name == "strict" else []


@pytest.fixture(autouse=True)
def own_ops():
    """What a test adds to the table of ops is taken out again."""
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)
