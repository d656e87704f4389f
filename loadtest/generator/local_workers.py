"""The worker processes of a storm on this machine: started, watched and ended by the storm."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from loadtest.generator import children
from loadtest.generator.channel import DEADLINE, KEYS, Keys


class LocalWorkers:
    """So many worker processes, connecting to Locust's master at a loopback port; their output goes to a log file.

    ``deadline`` is in seconds from their start.
    """

    def __init__(self, number: int, keys: Keys, deadline: float, *, port: int, log_file: Path) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        environment = {**children.environment(), KEYS: keys.of_a_worker, DEADLINE: f"{deadline:.0f}"}
        with log_file.open("ab") as output:
            for _ in range(number):
                process = subprocess.Popen(
                    [sys.executable, "-m", "loadtest.generator.worker", "connect", str(port)],
                    stdin=subprocess.PIPE,  # closes when this process dies, however it dies, and the worker ends then
                    stdout=output,
                    stderr=output,
                    env=environment,
                    start_new_session=True,  # Ctrl-C reaches this process alone, which ends the workers itself
                )
                self._processes.append(process)

    def lost(self) -> str | None:
        """Return what became of a worker that has ended by itself; None while all are there."""
        for index, process in enumerate(self._processes):
            code = process.poll()
            if code is not None:
                return f"generator process {index} {children.ended(code)} in the middle of the storm"
        return None

    def end(self) -> None:
        """End all workers and wait until they are gone."""
        for process in self._processes:
            process.kill()
            process.wait()
            if process.stdin:
                process.stdin.close()
