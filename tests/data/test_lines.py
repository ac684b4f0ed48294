import gzip
import zipfile

import pytest

from tinyseq.data.lines import malformed, numbered_lines

TEXT = "first\r\nsecönd\u2028still second\n\nfourth\n".encode()
LINES = [(1, "first"), (2, "secönd\u2028still second"), (3, ""), (4, "fourth")]


@pytest.mark.parametrize("content", [TEXT, TEXT[:-1]])
def test_lines_plain_gzipped_and_inside_an_archive(tmp_path, content):
    (tmp_path / "plain").write_bytes(content)
    (tmp_path / "packed.gz").write_bytes(gzip.compress(content))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("inner/plain", content)
    assert list(numbered_lines(tmp_path / "plain")) == LINES
    assert list(numbered_lines(tmp_path / "packed.gz")) == LINES
    assert list(numbered_lines(tmp_path / "all.zip", "inner/plain")) == LINES


@pytest.mark.parametrize(("name", "content", "member", "message"), [
    ("a.txt", b"", None, r"a\.txt is empty"),
    ("a.txt", b"\n \n", None, r"a\.txt is empty"),
    ("a.txt", b"one\ntwo\ncaf\xe9\n", None, r"a\.txt, line 3: byte 0xe9 is not UTF-8"),
    ("a.gz", b"plain", None, r"a\.gz cannot be read \(Not a gzipped file"),
    ("a.gz", gzip.compress(b"x" * 9999)[:-9], None, r"a\.gz is damaged"),
    ("a.zip", b"plain", "b.txt", r"a\.zip is damaged \(File is not a zip file\)"),
])
def test_a_file_that_cannot_be_read_as_lines(tmp_path, name, content, member, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        numbered_lines(tmp_path / name, member)


def test_missing_ones(tmp_path):
    with pytest.raises(ValueError, match=r"no\.txt cannot be read \(No such file"):
        numbered_lines(tmp_path / "no.txt")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.txt", "")
    with pytest.raises(ValueError, match=r"all\.zip holds no file b\.txt"):
        numbered_lines(tmp_path / "all.zip", "b.txt")
    with pytest.raises(ValueError, match=r"all\.zip, a\.txt is empty"):
        numbered_lines(tmp_path / "all.zip", "a.txt")


def test_a_long_bad_line_is_shown_by_its_beginning(tmp_path):
    message = str(malformed(tmp_path / "a", 7, "x" * 1000, "a number"))
    assert message.endswith("a, line 7: expected a number; it has '" + "x" * 60 + "...'")
