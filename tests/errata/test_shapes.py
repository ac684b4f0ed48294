"""What does not fit: the numbers that cannot be equal, and what the library says."""
import pytest


def test_65_divides_neither_all_numbers_of_the_states_nor_twice_as_many(numbers):
    (one_way, needed), (both_ways, needed_of_both), (said, _) = numbers("rows-of-v")
    assert one_way % 1 and both_ways % 1 and needed == needed_of_both == 256 * 180
    assert "48 is no multiple of 5" in said


@pytest.mark.parametrize("id, faulty, sound, word", [
    ("axis-too-many", 4, 3, "got float32 (1, 1, 1, 5)"),
    ("half-a-head", 256, 512, "should be D=512"),
    ("room-for-one-direction", 512, 768, "x (1, 1, 768) should be D=512"),
    ("layer-left-out", 512, 256, "should be D=256"),
])
def test_the_library_refuses_it(id, faulty, sound, word, told):
    rows = told(id)
    said, _ = rows.pop("tinyseq says")
    assert word in said and [*rows.values()] == [(faulty, sound)]


def test_three_layers_speak_at_once(numbers):
    (distributions, one), (axes, two), (apart, same) = numbers("every-layer-speaks")
    assert (distributions, one, axes, two) == (3, 1, 3, 2)
    assert apart > 0.1 and same == 0


def test_a_score_without_v_is_no_number(numbers):
    assert numbers("score-without-v") == [(6, 1), ("(1,3,4,6)", "(1,3,4)")]


def test_three_matrices_have_three_shapes(numbers):
    assert numbers("one-name-three-matrices") == [(1, 3), ("(2,3), (5,3), (5,4)", None)]
