"""Lines by a step or another number, side by side."""
import pytest

from tinyseq.pictures import norms_through_time, small_multiples


def lines_of(axes):
    return {line.get_label(): line.get_xydata().tolist() for line in axes.lines}


def test_panels_have_their_lines_and_names_their_colours(figures, tmp_path):
    panels = {"before": {"RNN": [(1, 2), (2, 4)]}, "after": {"GRU": [(1, 3)], "RNN": [(1, 1)]}}
    small_multiples(tmp_path / "a.png", panels, "title", "k", "error", log_x=True, log_y=True, line=(0.5, "chance"))
    before, after = figures[0].axes
    assert (before.get_title(), after.get_title(), before.get_xlabel()) == ("before", "after", "k")
    assert lines_of(before)["RNN"] == [[1, 2], [2, 4]] and lines_of(after)["GRU"] == [[1, 3]]
    assert "chance" in lines_of(after) and before.get_xscale() == before.get_yscale() == "log"
    color = {line.get_label(): line.get_color() for axes in (after, before) for line in axes.lines}
    assert color["RNN"] == before.lines[0].get_color() == after.lines[1].get_color() != color["GRU"]
    assert [text.get_text() for text in figures[0].legends[0].get_texts()] == ["RNN", "chance", "GRU"]
    assert before.get_ylim() == after.get_ylim()


def test_panels_may_have_their_own_heights(figures, tmp_path):
    small_multiples(tmp_path / "a.png", {"a": {"x": [(1, 1), (2, 2)]}, "b": {"x": [(1, 50), (2, 90)]}}, "", "", "",
                    share_y=False)
    assert figures[0].axes[0].get_ylim()[1] < 3


def test_a_norm_of_0_is_left_out(figures, tmp_path):
    norms_through_time(tmp_path / "a.png", {"panel": {"RNN": [0.0, 1e-9, 1.0]}}, "title")
    assert lines_of(figures[0].axes[0])["RNN"] == [[2, 1e-9], [3, 1]] and figures[0].axes[0].get_yscale() == "log"


def test_a_file_is_written(tmp_path):
    norms_through_time(tmp_path / "a.png", {"panel": {f"line {i}": [1.0, 2.0] for i in range(12)}}, "title")
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"


def test_lines_differ_in_grey_too(figures, tmp_path):
    small_multiples(tmp_path / "a.png", {"a": {str(i): [(1, i), (2, i)] for i in range(12)}}, "", "", "")
    lines = figures[0].axes[0].lines
    assert len({(one.get_marker(), one.get_linestyle()) for one in lines}) == len(lines) == 12


@pytest.mark.parametrize("panels, message", [({}, "nothing to draw"),
                                             ({"a": {str(i): [(1, 1)] for i in range(13)}}, "13 lines cannot be told")])
def test_what_cannot_be_drawn(tmp_path, panels, message):
    with pytest.raises(ValueError, match=message):
        small_multiples(tmp_path / "a.png", panels, "", "", "")
