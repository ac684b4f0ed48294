"""The picture of a training: written for every kind of run, without a display."""
import sys
from pathlib import Path

import pytest

from tinyseq.pictures import loss_curve

TRAINING, VALIDATION = [(10, 3.0), (20, 2.5)], [(20, 2.6)]


def size(path):
    """Width and height as the head of a PNG has them."""
    head = Path(path).read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")


@pytest.mark.parametrize("training, validation", [
    (TRAINING, VALIDATION), (TRAINING, []), ([], VALIDATION), ([], []), ([(1, float("nan"))], [(1, float("nan"))])])
def test_a_picture_of_every_kind_of_run(tmp_path, training, validation):
    loss_curve(tmp_path / "loss.png", training, validation, "runs/char_lstm-1", "nats/char")
    assert size(tmp_path / "loss.png") == (840, 480)


def test_it_leaves_the_readers_figures_alone(tmp_path):
    before = "matplotlib.pyplot" in sys.modules
    loss_curve(tmp_path / "loss.png", TRAINING, VALIDATION, "title", "unit")
    assert ("matplotlib.pyplot" in sys.modules) == before


def test_what_is_drawn(tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    loss_curve(tmp_path / "loss.png", TRAINING, [(10, 2.9), (20, 2.7)], "a run", "nats/char")
    axes = drawn[0].axes[0]
    lines = {line.get_label(): line.get_xydata().tolist() for line in axes.lines}
    assert lines["training"] == [[10, 3.0], [20, 2.5]] and lines["validation"] == [[10, 2.9], [20, 2.7]]
    assert "best 2.7000" in lines
    assert (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()) == ("a run", "step", "nats/char")
