"""One file over the network, with a limit on the wait that holds whatever the network does.

A socket's own time-out is not such a limit: it starts anew with every byte, and looking up the host's name
has none at all. So the transfer runs in a thread of its own, which may hang where it likes, and the caller
waits by the clock. The thread only passes bytes on and writes nothing; it is a daemon, so it cannot keep the
process from ending either.
"""
from __future__ import annotations

import http.client
import queue
import threading
import time
import urllib.error
import urllib.request

LEAST_PROGRESS = 16 * 1024   # bytes

Pieces = queue.SimpleQueue[bytes | Exception]


class DownloadFailed(Exception):
    """The file could not be had; the message says why, in a few words."""


def download(url: str, size: int, patience: float) -> bytes:
    """The content at this address, which should have `size` bytes.

    Every `patience` seconds must bring LEAST_PROGRESS bytes or the end of the file; the first such span
    includes the name look-up and the connection. A host that cannot be reached is therefore given up after
    `patience` seconds in all, and a long transfer goes on as long as it gets anywhere.

    Raises DownloadFailed. At most one byte more than `size` counts: the caller then knows that it is another
    file.
    """
    from tqdm import tqdm

    pieces: Pieces = queue.SimpleQueue()
    given_up = threading.Event()
    threading.Thread(target=_transfer, args=(url, patience, pieces, given_up), daemon=True).start()
    received = bytearray()
    due, milestone = time.monotonic() + patience, LEAST_PROGRESS
    try:
        with tqdm(desc=url.rpartition("/")[2], total=size, unit="B", unit_scale=True,
                  leave=False, disable=None) as bar:                       # None: only on a terminal
            while len(received) <= size and (piece := _next(pieces, due)):
                received += piece
                bar.update(len(piece))
                if len(received) >= milestone:
                    due, milestone = time.monotonic() + patience, len(received) + LEAST_PROGRESS
    except queue.Empty:
        what = f"only {len(received)} of {size} bytes" if received else "no answer"
        raise DownloadFailed(f"{what} when {patience:g} s were over") from None
    except (OSError, http.client.HTTPException, ValueError) as error:      # ValueError: not an address
        raise DownloadFailed(_in_words(error)) from error
    finally:
        given_up.set()
    return bytes(received)


def _next(pieces: Pieces, due: float) -> bytes:
    piece = pieces.get(timeout=max(0.0, due - time.monotonic()))
    if isinstance(piece, Exception):
        raise piece
    return piece


def _transfer(url: str, patience: float, pieces: Pieces, given_up: threading.Event) -> None:
    """In a thread of its own: passes on the pieces of the content and b"" at its end, or the error."""
    try:
        with urllib.request.urlopen(url, timeout=2 * patience) as answer:      # the caller's clock decides first
            while not given_up.is_set():
                piece = answer.read1(1 << 16)      # what has come by now; read() would wait for 64 KiB
                pieces.put(piece)
                if not piece:
                    return
    except Exception as error:                     # whatever it is, the waiting caller must hear of it
        pieces.put(error)


def _in_words(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answered {error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError):
        error = error.reason if isinstance(error.reason, Exception) else error
    return " ".join(str(error).split()) or type(error).__name__
