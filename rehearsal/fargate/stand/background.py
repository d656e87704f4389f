"""One piece of work at a time, in a thread of its own, while the clock goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Background:
    """Work that may take as long as a deployment, and of which no two pieces are done at a time."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being done."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self, work: Callable[[], None]) -> None:
        """Begin what is told; whoever asks has seen that nothing else is being done."""
        self._thread = threading.Thread(target=work)
        self._thread.start()

    def wait(self) -> None:
        """Return when nothing is being done."""
        if self._thread is not None:
            self._thread.join()
