"""What the tests of the specimens share."""
from functools import cache

import pytest

from tinyseq.errata import Row, find


@cache
def rows_of(id: str) -> list[Row]:
    return find(id).run()


@pytest.fixture
def told():
    """told(id) -> {what: (faulty, sound)}, measured once for all tests."""
    return lambda id: {row.what: (row.faulty, row.sound) for row in rows_of(id)}


@pytest.fixture
def numbers(told):
    """numbers(id) -> [(faulty, sound)] of the rows in their order."""
    return lambda id: list(told(id).values())
