"""The errata lab as a whole: what every specimen owes, and the command."""
import re
from numbers import Real
from pathlib import Path

import pytest

from tinyseq.cli import main
from tinyseq.errata import Row, find, line, specimen, specimens, story, table
from tinyseq.errata.specimen import SPECIMENS, written

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "tinyseq"
SECTION = re.compile(r"[789]\.\d(-[789]\.\d)?|introduction|techniques")
each = pytest.mark.parametrize("id", specimens())


@each
def test_a_specimen_says_what_the_book_has_what_is_wrong_and_what_is_the_cure(id):
    found = find(id)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id) and len(id) <= 26
    assert all(SECTION.fullmatch(section) for section in found.sections.split(", "))
    assert found.story.count("\n\n") == 1 and found.story.splitlines()[0].endswith(".")
    assert re.findall(r"^(Book|Wrong|Cure) ", found.story, re.MULTILINE) == ["Book", "Wrong", "Cure"]
    assert (PACKAGE / found.sound).is_file(), f"{id}: there is no tinyseq/{found.sound}"


@each
def test_a_specimen_is_measured_by_a_test_of_its_own(id):
    """Its symptom and its cure are asserted somewhere in this folder."""
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    assert f'"{id}"' in tests


@pytest.mark.parametrize("id", [id for id, found in specimens().items() if not found.slow])
def test_the_first_row_is_a_number_on_the_side_of_the_fault(id, numbers):
    (faulty, sound), *_ = numbers(id)
    assert isinstance(faulty, Real) and faulty == faulty
    assert isinstance(sound, Real) and faulty != sound


def test_the_command_lists_all_with_the_number_that_shows_each(capsys, monkeypatch):
    two = {"a-b": specimen_of("a-b", [Row("apples", 2, 3.0), Row("pears", None, "none")]),
           "slow": specimen_of("slow", [], slow=True)}
    monkeypatch.setattr("tinyseq.errata.specimens", lambda: two)
    assert main(["errata"]) == 0
    head, first, second = capsys.readouterr().out.splitlines()
    assert head.split()[:4] == ["id", "section", "faulty", "sound"]
    assert first.split()[:4] == ["a-b", "7.1", "2", "3"] and first.endswith("It is wrong: apples")
    assert second.startswith("slow ") and second.endswith("tinyseq errata slow")


def test_the_command_tells_one(capsys):
    assert main(["errata", "recursion-from-zero"]) == 0
    told = capsys.readouterr().out
    for part in ("recursion-from-zero (7.1)", "Book    dH_t/dW_hh", "Cure ", "largest |dL/dW_hh| ",
                 "sound: tinyseq/layers/recurrent/rnn.py"):
        assert part in told


def test_an_unknown_specimen_is_one_line_with_those_there_are(capsys):
    assert main(["errata", "nothing-of-the-kind"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    assert err.startswith("tinyseq errata: there is no specimen 'nothing-of-the-kind'; the specimens are recursion-")


def test_a_story_holds_every_row():
    found = specimen_of("pears", [Row("apples", 2, 0.12346), Row("pears", None, "none")])
    lines = story(found).splitlines()
    assert lines[0] == "pears (7.1)" and lines[-1] == "sound: tinyseq/cli.py"
    assert [row.split() for row in lines[-5:-2]] == [["faulty", "sound"], ["apples", "2", "0.1235"],
                                                     ["pears", "-", "none"]]
    assert line(found).split()[2:4] == ["2", "0.1235"]


def test_numbers_are_written_for_people():
    assert [written(x) for x in (1234567, 0.0, 1e-17, 0.123456, None, "(2,3)")] == [
        "1,234,567", "0", "1e-17", "0.1235", "-", "(2,3)"]
    assert table([Row("a", 1, 2)]).splitlines()[1].split() == ["a", "1", "2"]


def test_two_specimens_of_one_name_are_refused():
    with pytest.raises(AssertionError, match="called recursion-from-zero"):
        specimen("recursion-from-zero", "7.1", "cli.py")(lambda: [])


def specimen_of(id, rows, slow=False):
    """A specimen of a fault that nobody made."""
    def run():
        """It is wrong.

        Book    b
        Wrong   w
        Cure    c"""
        return rows
    specimen(id, "7.1", "cli.py", slow=slow)(run)
    return SPECIMENS.pop(id)
