import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyseq.data import partition, shuffled


@given(st.lists(st.tuples(st.sampled_from("abcdefghijklmnopqr"), st.integers()), max_size=60), st.integers(0, 9))
def test_equal_keys_stay_together_and_nothing_is_lost(items, seed):
    keys = {key for key, _ in items}
    if round(0.2 * len(keys)) == 0:
        with pytest.raises(ValueError, match="cannot be parted"):
            partition(items, lambda item: item[0], 0.2, 0.2, seed)
        return
    parts = partition(items, lambda item: item[0], 0.2, 0.2, seed)
    of_parts = [{key for key, _ in part} for part in parts]
    assert sum(map(len, of_parts)) == len(keys) == len(set.union(*of_parts))
    assert [len(of) for of in of_parts[1:]] == [round(0.2 * len(keys))] * 2
    assert sorted(parts.train + parts.validation + parts.test) == sorted(items)
    for part in parts:
        assert part == [item for item in items if item in part]             # in their order


@given(st.permutations("abcdefghij"))
def test_the_order_of_the_file_changes_nothing(letters):
    assert shuffled(letters) == shuffled("abcdefghij")
    assert [set(part) for part in partition(letters, str, 0.2, 0.2)] == [
        set(part) for part in partition("abcdefghij", str, 0.2, 0.2)]


def test_the_digest_order_is_a_fact_of_the_project():
    """If this changes, every split changes and no figure compares any more."""
    assert "".join(shuffled("abcdefghij")) == "hfgdjaicbe"
    assert "".join(shuffled("abcdefghij", seed=1)) == "idgajfebhc"


@pytest.mark.parametrize(("validation", "test"), [(0.0, 0.2), (0.2, 0.0), (0.5, 0.5), (0.1, 0.9), (-0.2, 0.2)])
def test_shares_that_leave_a_part_empty(validation, test):
    with pytest.raises(ValueError, match="10 different items cannot be parted"):
        partition("abcdefghij", str, validation, test)
