"""The pages that the tests of the file and those in a browser read."""
import pytest

from tinyseq.tracing import tiny

NAMES = ["char_rnn", "char_lstm", "char_gru", "mini_gpt", "g2p_seq2seq", "attention_cnn"]


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """The folder with a page for each of NAMES."""
    folder = tmp_path_factory.mktemp("pages")
    for name in NAMES:
        tiny(name).html(folder / f"{name}.html")
    return folder


@pytest.fixture(params=NAMES)
def name(request):
    """Each of NAMES."""
    return request.param
