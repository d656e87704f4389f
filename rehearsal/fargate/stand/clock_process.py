"""The clock of a rehearsal: one process that keeps all its standing stacks, each in a thread of its own.

It outlives the command that deployed, as the containers do, and holds a lock while it lives. Each stack has a folder
with its order; its thread holds that folder's lock, and ends when the order is gone or another one. What fails in one
stack is told and tried again, and keeps no other from going on. The process ends when no stack is ordered any more.
"""

from __future__ import annotations

import logging
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from containers.checkout import Context
from containers.client import Client
from containers.file_lock import file_lock
from rehearsal.fargate.stand.build_watch import Builds, BuildWatch
from rehearsal.fargate.stand.clock_orders import order
from rehearsal.fargate.stand.stack_watch import StackWatch
from rehearsal.values.rehearsed_time import Setting, setting

_POLL = 0.25
_LOG_BYTES = 1_000_000
# Seconds until a stack in which something failed is looked at again.
_TRIED_AGAIN = 10.0


class _Keeper:
    """A thread that keeps one stack, or the scheduled builds, until its order is gone or ``ending`` is set."""

    def __init__(self, folder: Path, token: str, ending: threading.Event) -> None:
        self._folder, self._token, self._ending = folder, token, ending
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def lives(self) -> bool:
        """Whether it has not ended."""
        return self._thread.is_alive()

    def _wanted(self) -> bool:
        return not self._ending.is_set() and order(self._folder).get("token") == self._token

    def _run(self) -> None:
        fault, state = self._folder / "fault", self._folder.parents[1]
        with file_lock(self._folder / "lock", wait=True), _log(state, self._folder.name) as say:
            watch: StackWatch | BuildWatch | None = None
            while self._wanted():
                pause = _POLL
                try:
                    at, real = setting(state), time.time()
                    watch = watch or _watch(self._folder, say, at, real)
                    watch.tick(at, real)
                    fault.unlink(missing_ok=True)
                except Exception as error:  # noqa: BLE001 - what fails here is told, and the other stacks go on
                    text = f"{type(error).__name__}: {getattr(error, 'message', error)}"
                    if not fault.exists() or fault.read_text() != text:
                        fault.write_text(text)
                        say(f"the clock cannot keep this, and tries again: {text}")
                    pause = _TRIED_AGAIN
                until = time.monotonic() + pause
                while time.monotonic() < until and self._wanted():
                    time.sleep(_POLL)
            if watch is not None:
                watch.wait()


def _watch(folder: Path, say: Callable[[str], None], at: Setting, real: float) -> StackWatch | BuildWatch:
    """Take an order up."""
    checkout, docker, environment, kept = pickle.loads((folder / "plan").read_bytes())  # noqa: S301 - a command's own

    def secret(account: str, region: str, name: str) -> str:
        raise KeyError(f"{account}/{region}/{name}")

    context = Context(checkout, docker, environment, say, secret)
    if isinstance(kept, Builds):
        return BuildWatch(context, kept, at, real)
    return StackWatch(Client(context), kept, at, real)


@contextmanager
def _log(state: Path, name: str) -> Iterator[Callable[[str], None]]:
    """Yield what writes a line of a stack's log."""
    (state / "logs").mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(state / "logs" / f"clock-{name}.log", maxBytes=_LOG_BYTES, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.Logger(name, logging.INFO)
    log.addHandler(handler)
    try:
        yield log.info
    finally:
        handler.close()


def main() -> None:
    """Keep all that is ordered in the folder that the command names, until nothing is."""
    folder, ending = Path(sys.argv[1]), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    keepers: dict[Path, _Keeper] = {}
    while True:
        keepers = {each: keeper for each, keeper in keepers.items() if keeper.lives}
        for each in () if ending.is_set() else sorted(folder.glob("*/order")):
            token = order(each.parent).get("token")
            if token and each.parent not in keepers:
                keepers[each.parent] = _Keeper(each.parent, token, ending)
        if not keepers:
            return
        time.sleep(_POLL)


if __name__ == "__main__":
    main()
