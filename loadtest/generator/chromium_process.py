"""The process of a storm's browsers: started, told what to do, listened to and ended by the storm."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import gevent

from loadtest.chromium.messages import News, Order, line, read
from loadtest.chromium.program import Program
from loadtest.generator import children
from loadtest.record.codec import RecordError

# Seconds for the process to close its browser and go, before it is killed.
ENDS_WITHIN = 5.0


# Letters of a folder's name above which the name of Chromium's socket below it is too long, and it does not start.
LONGEST = 40


def _place() -> str | None:
    """Return where the browsers' folder is to be made; None: where temporary files go anyway."""
    return "/tmp" if len(tempfile.gettempdir()) > LONGEST and Path("/tmp").is_dir() else None  # noqa: S108 - it has a random name


class ChromiumProcess:
    """A process of so many browsers, with a folder of its own for their profiles; what it says goes to ``on_news``.

    ``deadline`` is in seconds from its start; ``key`` is that of a site to be trusted (``site_key``). Its complaints go
    to a log file.
    """

    def __init__(
        self,
        program: Program,
        browsers: int,
        deadline: float,
        *,
        key: str | None,
        log_file: Path,
        on_news: Callable[[News], None],
    ) -> None:
        self.program = ""
        self.finished = False
        self._on_news = on_news
        self._strange = ""
        self._folder = tempfile.TemporaryDirectory(prefix="floodgate-", dir=_place(), ignore_cleanup_errors=True)
        environment = {**children.environment(), "CHROMIUM": program.chromium, "TMPDIR": self._folder.name}
        if program.node:
            environment["PLAYWRIGHT_NODEJS_PATH"] = program.node
        with log_file.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "loadtest.chromium", f"{deadline:.0f}", str(browsers), *([key] if key else [])],
                stdin=subprocess.PIPE,  # closes when this process dies, however it dies, and the browsers end then
                stdout=subprocess.PIPE,
                stderr=output,
                env=environment,
                text=True,
                encoding="utf-8",
                start_new_session=True,  # Ctrl-C reaches this process alone, which ends the browsers itself
            )
        self._listener = gevent.spawn(self._listen)

    def order(self, order: Order) -> None:
        """Tell it what to do; that it has ended meanwhile ``fault`` says."""
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(line(order))
                self._process.stdin.flush()

    def fault(self) -> str | None:
        """Return why nothing can be expected of it any more; None while all is well, or when it has finished."""
        if self.finished:
            return None
        if self._strange:
            return self._strange
        code = self._process.poll()
        if code is None or not self._listener.dead:
            return None
        return f"their process {children.ended(code)}, see storm.log"

    def end(self) -> None:
        """End it, its browser with it, and remove their folder."""
        if self._process.stdin:
            # An order that it did not read is written again here.
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        until = time.monotonic() + ENDS_WITHIN
        while self._process.poll() is None and time.monotonic() < until:
            gevent.sleep(0.05)
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._listener.kill()
        if self._process.stdout:
            self._process.stdout.close()
        self._folder.cleanup()

    def _listen(self) -> None:
        for text in self._process.stdout or ():
            try:
                news = read(News, text)
            except RecordError as error:
                self._strange = f"their process said what could not be read: {error}"
                return
            self.program = news.program or self.program
            self._on_news(news)
            self.finished = self.finished or news.final
