"""What these tests share."""
import pytest


@pytest.fixture
def figures(monkeypatch):
    """The figures that were drawn, in place of the files that would have been written."""
    from matplotlib.figure import Figure

    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    return drawn
