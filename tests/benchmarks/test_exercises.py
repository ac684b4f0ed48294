"""What is said of the exercises is what was measured."""
import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOUND = json.loads((ROOT / "benchmarks" / "results" / "exercises.json").read_text(encoding="utf-8"))


def share(kind):
    rows = FOUND["named"][kind].values()
    return sum(row["named"] for row in rows), sum(row["of"] for row in rows)


def test_the_guide_says_how_many_mistakes_are_named():
    guide = (ROOT / "notebooks" / "exercises" / "README.md").read_text(encoding="utf-8")
    (held_out, all_of_them), (unseen, of_unseen) = share("held out"), share("unseen")
    assert f"{held_out} of {all_of_them} mistakes ({held_out / all_of_them:.0%})".replace("%", " %") in guide
    assert f"{unseen} of {of_unseen} unseen ones ({unseen / of_unseen:.0%})".replace("%", " %") in guide


def test_verdicts_are_soon_there_and_tables_are_right():
    assert FOUND["seconds of a verdict"]["derivations"] < 2
    assert len(FOUND["tables"]) == 15
    for id, table in FOUND["tables"].items():
        assert f"{id}, right" in table["verdict"] and table["seconds of the verdict"] < 90
