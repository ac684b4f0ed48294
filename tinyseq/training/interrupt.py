"""Ctrl-C without loss."""
import signal
import threading
from typing import Any, Self


class Interrupt:
    """Inside, the first Ctrl-C only sets `asked`, so that the step in hand can be finished and saved; a second one
    ends the program at once. SIGTERM counts as Ctrl-C. Does nothing in threads, which get no signals."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.asked = False
        self.before: dict[Any, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self.before = {number: signal.signal(number, self._ask) for number in self.SIGNALS}
        return self

    def __exit__(self, *exception: Any) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: Any) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
