"""What ``make check`` leaves out: tests that have passed on the same files today (``lint.once``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest
from xdist.workermanage import WorkerController

from tests.levels import LEFT_OUT, kept_as

# Under which name workers are told the paths that are left out.
WORKERS_HEAR: Final = "left_out"


def ignore(config: pytest.Config, paths: Sequence[str]) -> None:
    """Let a process of pytest's collect nothing of these files and folders."""
    config.option.ignore = [*(config.option.ignore or ()), *paths]


class LeftOut:
    """A plugin of pytest's one process that all reports come to: leaves out what is known, and learns what passes.

    Raise ``pytest.UsageError`` where some of the tests were chosen: what passed of them says nothing of the others.
    """

    def __init__(self, config: pytest.Config) -> None:
        if config.option.keyword or config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
            raise pytest.UsageError("--once is for all tests: leave out the paths, and -k")
        # What only this one process of a run needs.
        from lint import once

        self._once = once
        self._root = config.rootpath
        self._level = str(config.option.markexpr)
        self._keys = {name: once.key(self._root, name, self._command(name)) for name in LEFT_OUT}
        self._known = [name for name, key in self._keys.items() if once.has_passed(self._root, name, key)]
        self._started: set[str] = set()
        self._broken: set[str] = set()
        ignore(config, self._paths())

    def _paths(self) -> list[str]:
        return [str(self._root / LEFT_OUT[name]) for name in self._known]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: WorkerController) -> None:
        """Tell a worker, which collects by itself."""
        node.workerinput[WORKERS_HEAR] = self._paths()

    def _command(self, name: str) -> list[str]:
        return [LEFT_OUT[name], self._level]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note which checks take part, and which do not hold."""
        name = kept_as(report.nodeid.partition("::")[0])
        if name in self._keys:
            self._started.add(name)
            if report.failed:
                self._broken.add(name)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note of which check a file could not be read."""
        if report.failed and (name := kept_as(report.nodeid)):
            self._broken.add(name)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Remember what has passed as a whole."""
        if exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return
        for name in self._started - self._broken:
            self._once.remember(self._root, name, self._command(name), self._keys[name])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was left out."""
        for name in self._known:
            terminalreporter.write_line(
                f"{LEFT_OUT[name]}: passed before on the same files; without .cache/passed they run again"
            )
