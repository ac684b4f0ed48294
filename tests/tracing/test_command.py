"""tinyseq trace, as a user types it."""
import pytest

from tinyseq.cli import main


def test_without_a_file_the_table_is_printed(capsys):
    assert main(["trace", "sine_forecaster"]) == 0
    out = capsys.readouterr().out
    assert "h_3" in out and "dL/dW_hh" in out and "layers/recurrent/rnn.py" in out


def test_page_and_worksheet_are_written(tmp_path, capsys):
    page, sheet = tmp_path / "lstm.html", tmp_path / "lstm.txt"
    assert main(["trace", "char_lstm", "--html", str(page), "--worksheet", str(sheet)]) == 0
    assert capsys.readouterr().out == ""
    assert page.read_text().startswith("<!DOCTYPE html>") and "____" in sheet.read_text()
    assert "_____" not in (tmp_path / "lstm.txt.key").read_text()


@pytest.mark.parametrize("arguments, word", [
    (["trace", "char_lsmt"], "char_lstm"), (["trace"], "MODEL"),
    (["trace", "char_lstm", "--worksheet", "sheet.txt", "--html", "missing/page.html"], "missing/page.html"),
    (["trace", "char_lstm", "--html", "."], "file"),
])
def test_bad_input_is_one_line_and_nothing_is_written(tmp_path, monkeypatch, capsys, arguments, word):
    monkeypatch.chdir(tmp_path)
    try:
        status = main(arguments)
    except SystemExit as left:
        status = left.code
    err = capsys.readouterr().err
    assert status == 2 and err.count("\n") == 1 and word in err
    assert list(tmp_path.iterdir()) == []
