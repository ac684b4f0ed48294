"""Each exercise with all that belongs to it: its page, its solutions, its mistakes, its files."""
import re

import make
import numpy as np
import pytest

from tinyseq.exercises import examine, exercises
from tinyseq.exercises.draw import Draw

ALL = list(exercises())
each = pytest.mark.parametrize("id", ALL)


@each
def test_the_page_is_whole(id):
    exercise = exercises()[id]
    assert len(exercise.hints) == 3 and exercise.title and exercise.given
    assert re.search(r"^\(1\) ", exercise.equations, re.MULTILINE)
    assert all(exercise.look(symbol) for symbol in exercise.gives)
    case = exercise.case(1)
    assert list(case.expected) == list(exercise.gives)
    for symbol, axes in exercise.gives.items():
        assert np.ndim(case.expected[symbol]) == len(axes), symbol


@each
def test_a_case_is_the_same_each_time_and_another_with_another_seed(id):
    exercise = exercises()[id]
    one, again, other = (exercise.draw(Draw(seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(one.given[name], again.given[name]) for name in one.given)
    assert any(not np.array_equal(one.given[name], other.given[name]) for name in one.given)


@each
def test_there_are_enough_answers(id):
    page = make.solutions(exercises()[id])
    assert sum(name.startswith("right_") for name in vars(page)) >= 4
    assert len(make.mistakes(page)) >= 6
    assert all(mistake.words and all(mistake.keys) for mistake in make.mistakes(page))


def test_two_hundred_mistakes():
    assert sum(len(make.mistakes(make.solutions(exercise))) for exercise in exercises().values()) >= 200


@each
def test_a_stub_is_told_what_to_do(id):
    def stub(*arguments):
        raise NotImplementedError
    assert "nothing is written there yet" in examine(id, stub).words


@pytest.mark.exercises
@each
def test_right_answers_are_right(id):
    if exercises()[id].needs:
        pytest.importorskip(exercises()[id].needs)
    page = make.solutions(exercises()[id])
    rights = [f for name, f in vars(page).items() if name.startswith("right_") or name == exercises()[id].function]
    for answer in rights:
        verdict = examine(id, answer)
        assert verdict, f"{answer.__name__}: {verdict}"


@pytest.mark.exercises
@each
def test_wrong_answers_are_wrong_and_named(id):
    for mistake in make.mistakes(make.solutions(exercises()[id])):
        verdict = examine(id, mistake.answer)
        named = mistake.words in verdict.words or make.is_named(mistake, verdict)
        assert not verdict and named, f"{mistake.answer.__name__}: {verdict}"


@pytest.mark.exercises
@each
def test_the_files_are_those_of_today(id):
    for path, text in make.files(exercises()[id]).items():
        assert path.read_text(encoding="utf-8") == text, f"python notebooks/exercises/make.py {id}"


@pytest.mark.exercises
@each
def test_mistakes_that_nothing_was_made_from_are_wrong(id):
    unseen = make.unseen(exercises()[id])
    assert len(unseen) == 3
    for mistake in unseen:
        assert not examine(id, mistake.answer), mistake.answer.__name__
