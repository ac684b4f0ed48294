"""The finder, against a server on this machine that behaves well and badly. No test reaches the network."""
import gzip
import hashlib
import io
import os
import socket
import subprocess
import sys
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tinyseq.data import DataUnavailable, fetch, find, sources, status
from tinyseq.data.sources import SOURCES, File, Source

CONTENT = bytes(range(256)) * 200                      # 51,200 bytes
SHORT = 1.0                                            # seconds of patience in these tests


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/missing":
            return self.send_error(404)
        if self.path == "/silent":
            return self.server.closing.wait(20)
        if self.path == "/hangs-up":
            return self.connection.close()
        self.send_response(200)
        if self.path not in ("/endless", "/archive"):
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        getattr(self, self.path.strip("/"))()

    def good(self):
        self.wfile.write(CONTENT)

    def archive(self):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("data/all.bin", CONTENT)
            archive.writestr("data/half.bin", CONTENT[:1000])
        self.wfile.write(buffer.getvalue())

    def truncated(self):
        self.wfile.write(CONTENT[:1000])

    def other(self):
        self.wfile.write(CONTENT[::-1])

    def stalls(self):
        self.wfile.write(CONTENT[:20_000])
        self.server.closing.wait(20)

    def trickles(self):
        self._in_pieces(50, 0.05)                      # never idle for long, and 50 s to go

    def slow(self):
        self._in_pieces(10_000, 0.3)                   # longer than SHORT in all, but it gets on

    def endless(self):
        while not self.server.closing.is_set():
            self.wfile.write(CONTENT)

    def _in_pieces(self, size, pause):
        for start in range(0, len(CONTENT), size):
            self.wfile.write(CONTENT[start:start + size])
            if self.server.closing.wait(pause):
                return

    def log_message(self, *args):
        pass


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):   # the client hung up, as it should
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with QuietServer(("127.0.0.1", 0), Server) as server:
        server.asked, server.closing = [], threading.Event()
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.closing.set()
        server.shutdown()


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.delenv("TINYSEQ_DATA", raising=False)
    monkeypatch.setenv("TINYSEQ_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def serve(monkeypatch, server, cache):
    """serve(path): the data set "numbers" comes from this path of the server."""
    def serve(path):
        url = f"http://127.0.0.1:{server.server_port}/{path}"
        entry = File("all.bin", url, len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
        monkeypatch.setitem(SOURCES, "numbers", Source("numbers", "bytes", "none", (entry,)))
    return serve


def files_below(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_fetched_once_and_then_found_in_the_cache(serve, server, cache):
    serve("good")
    path = find("numbers", patience=SHORT)
    assert path == cache / "numbers" / "all.bin" and path.read_bytes() == CONTENT
    assert find("numbers") == path and fetch("numbers") == [path]
    assert server.asked == ["/good"]
    assert files_below(cache) == [path]


def serve_archive(monkeypatch, server, path, *members):
    """The data set "numbers" comes out of an archive."""
    url = f"http://127.0.0.1:{server.server_port}/{path}"
    contents = {"all.bin": CONTENT, "half.bin": CONTENT[:1000]}
    files = tuple(File(name, url, len(contents[name]), hashlib.sha256(contents[name]).hexdigest(), member)
                  for name, member in zip(contents, members, strict=True))
    monkeypatch.setitem(SOURCES, "numbers", Source("numbers", "bytes", "none", files))


def test_an_archive_is_fetched_once_for_all_its_files(monkeypatch, server, cache):
    serve_archive(monkeypatch, server, "archive", "data/all.bin", "data/half.bin")
    paths = fetch("numbers", patience=SHORT)
    assert [path.read_bytes() for path in paths] == [CONTENT, CONTENT[:1000]]
    assert server.asked == ["/archive"] and sorted(files_below(cache)) == sorted(paths)


@pytest.mark.parametrize(("path", "member", "message"), [
    ("good", "data/half.bin", "no zip archive with data/all.bin in it"),
    ("archive", "data/third.bin", "no zip archive with data/third.bin in it"),
    ("archive", "data/all.bin", "another file is there now"),
])
def test_a_wrong_archive_leaves_nothing_behind(monkeypatch, server, cache, path, member, message):
    serve_archive(monkeypatch, server, path, "data/all.bin", member)
    with pytest.raises(DataUnavailable, match=message):
        find("numbers", "half.bin", patience=SHORT)
    assert files_below(cache) == []


def test_a_gzipped_copy_will_do(serve, server, cache, monkeypatch, tmp_path):
    serve("good")
    folder = tmp_path / "data" / "numbers"
    folder.mkdir(parents=True)
    monkeypatch.setenv("TINYSEQ_DATA", str(tmp_path / "data"))
    packed = gzip.compress(CONTENT)
    (folder / "all.bin.gz").write_bytes(packed)
    assert find("numbers") == folder / "all.bin.gz" and status()[-1].where == "data folder"
    for damaged in (packed[:-20], CONTENT, gzip.compress(CONTENT[:-1]), packed[:200] + b"?" + packed[201:]):
        (folder / "all.bin.gz").write_bytes(damaged)
        with pytest.raises(ValueError, match=r"all\.bin\.gz is not the file it should be"):
            find("numbers")
        assert status()[-1].where == "damaged"
    (folder / "all.bin").write_bytes(CONTENT)
    assert find("numbers") == folder / "all.bin" and server.asked == []


def test_a_long_transfer_may_take_longer_than_the_patience_while_it_gets_on(serve):
    serve("slow")
    assert find("numbers", patience=SHORT).read_bytes() == CONTENT


@pytest.mark.parametrize(("path", "message"), [
    ("truncated", "broke off after 1000 of 51200 bytes"),
    ("other", "another file is there now: sha256"),
    ("endless", "another file is there now: sha256"),
    ("stalls", "only 20000 of 51200 bytes when 1 s were over"),
    ("trickles", "of 51200 bytes when 1 s were over"),
    ("silent", "no answer when 1 s were over"),
    ("missing", "the server answered 404"),
    ("hangs-up", "could not be fetched"),
])
def test_a_bad_answer_is_told_in_time_and_leaves_nothing_behind(serve, cache, path, message):
    serve(path)
    begin = time.monotonic()
    with pytest.raises(DataUnavailable) as error:
        find("numbers", patience=SHORT)
    assert time.monotonic() - begin < 4 * SHORT
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert "set TINYSEQ_DATA to a folder that holds numbers/all.bin" in str(error.value)
    assert "`tinyseq data fetch numbers`" in str(error.value)
    assert files_below(cache) == []


def test_a_host_that_refuses(serve, server, monkeypatch):
    serve("good")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/good"
        entry = File("all.bin", url, 1, "0" * 64)
        monkeypatch.setitem(SOURCES, "numbers", Source("numbers", "bytes", "none", (entry,)))
        with pytest.raises(DataUnavailable, match="refused"):
            find("numbers", patience=SHORT)


def test_a_name_look_up_that_hangs_is_given_up(monkeypatch, cache):
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: released.wait(30) or [])
    begin = time.monotonic()
    with pytest.raises(DataUnavailable, match=r"no answer when 0\.2 s were over"):
        find("tinyshakespeare", patience=0.2)
    assert time.monotonic() - begin < 1.5
    released.set()


def test_a_look_up_that_hangs_does_not_keep_the_process_alive(cache):
    script = ("import socket, time\n"
              "socket.getaddrinfo = lambda *args, **options: time.sleep(60)\n"
              "from tinyseq.data import find\n"
              "find('tinyshakespeare', patience=0.2)\n")
    begin = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1 and "DataUnavailable" in ended.stderr
    assert time.monotonic() - begin < 20
    assert files_below(cache) == []


def test_the_data_folder_comes_before_the_cache(serve, server, cache, monkeypatch, tmp_path):
    serve("good")
    find("numbers", patience=SHORT)
    folder = tmp_path / "mine"
    (folder / "numbers").mkdir(parents=True)
    monkeypatch.setenv("TINYSEQ_DATA", str(folder))
    assert find("numbers") == cache / "numbers" / "all.bin"        # not in the data folder: the cache's
    (folder / "numbers" / "all.bin").write_bytes(CONTENT)
    assert find("numbers") == folder / "numbers" / "all.bin"
    assert len(server.asked) == 1


@pytest.mark.parametrize("place", ["data", "cache"])
def test_a_damaged_copy_is_an_error_and_stays_as_it_is(serve, server, cache, monkeypatch, tmp_path, place):
    serve("good")
    monkeypatch.setenv("TINYSEQ_DATA", str(tmp_path / "data"))
    path = tmp_path / place / "numbers" / "all.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(ValueError) as error:
        find("numbers")
    assert not isinstance(error.value, DataUnavailable)
    found, expected = (hashlib.sha256(content).hexdigest()[:12] for content in (CONTENT[:-1], CONTENT))
    for part in (str(path), found, expected, "delete"):
        assert part in str(error.value)
    assert path.read_bytes() == CONTENT[:-1] and server.asked == []
    assert [standing.where for standing in status() if standing.source.name == "numbers"] == ["damaged"]


def test_a_cache_that_cannot_be_written(serve, monkeypatch, tmp_path):
    serve("good")
    (tmp_path / "file").write_text("a file where a folder is wanted")
    monkeypatch.setenv("TINYSEQ_CACHE", str(tmp_path / "file"))
    with pytest.raises(DataUnavailable, match=r"could not be written.*; set TINYSEQ_CACHE"):
        find("numbers", patience=SHORT)


def test_a_write_that_fails_leaves_nothing(serve, cache, monkeypatch):
    serve("good")
    def full(descriptor):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataUnavailable, match="No space left"):
        find("numbers", patience=SHORT)
    assert files_below(cache) == []


def test_the_cache_folder_follows_the_environment(serve, monkeypatch, tmp_path):
    serve("good")
    monkeypatch.delenv("TINYSEQ_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert find("numbers", patience=SHORT) == tmp_path / "xdg" / "tinyseq" / "numbers" / "all.bin"
    monkeypatch.delenv("XDG_CACHE_HOME")
    cache = tmp_path / "home" / ".cache" / "tinyseq"
    assert find("numbers", patience=SHORT) == cache / "numbers" / "all.bin"


def test_status_lists_every_file_and_fetches_nothing(serve, server, cache):
    serve("good")
    assert {standing.where for standing in status()} == {"not here"}
    assert len(status()) == sum(len(source.files) for source in SOURCES.values())
    find("numbers", patience=SHORT)
    standing = status()[-1]
    assert (standing.source.name, standing.where) == ("numbers", "cache")
    assert standing.path == cache / "numbers" / "all.bin" and len(server.asked) == 1


def test_unknown_names():
    with pytest.raises(ValueError, match="no data set 'shakespeare'; there are tinyshakespeare, timeseries"):
        find("shakespeare")
    with pytest.raises(ValueError, match=r"files sunspots\.csv, seattle-weather\.csv; it was asked for moon\.csv"):
        find("timeseries", "moon.csv")
    with pytest.raises(ValueError, match="without saying which"):
        find("timeseries")


def test_the_table_is_complete():
    for source in sources.SOURCES.values():
        assert source.description and source.licence and source.files
        for file in source.files:
            assert file.url.startswith("https://") and (file.member or file.url).endswith(file.path)
            assert file.member is None or file.url.endswith(".zip")
            assert len(bytes.fromhex(file.sha256)) == 32 and file.bytes > 0


@pytest.mark.skipif("TINYSEQ_DATA" not in os.environ, reason="needs the data sets: set TINYSEQ_DATA")
def test_the_table_describes_the_real_files():
    for standing in status():
        if standing.source.name.startswith("cifar-10") and standing.where == "not here":
            continue                                       # 163 MB, which only those who want them download
        assert standing.where == "data folder", standing
        if standing.path.name == f"{standing.file.path}.gz":
            size = len(gzip.decompress(standing.path.read_bytes()))
        else:
            size = standing.path.stat().st_size
        assert size == standing.file.bytes
