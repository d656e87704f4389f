"""What the tabs of a browser are told as it happens: one stream of events for all of them.

A browser keeps six connections to a server, over all its tabs, so that a stream for each tab would starve the
seventh of everything. A tab says what it wants to see, and each event says which tab it is for.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from rehearsal.page.log_reader import LogReader
from rehearsal.page.timeline import TimelineReader, named
from rehearsal.page.view import View
from rehearsal.values.execution_record import Status

# Seconds between two looks at the files, and after which a silent line says that it is still there.
_LOOK: Final = 0.4
_ALIVE: Final = 10.0

# What is shown beside the pipeline, by the name of its event.
Beside = dict[str, Callable[[], dict[str, Any]]]


class Streams:
    """The streams under way; each is read by one browser, and watched for by its tabs."""

    def __init__(self, view: View, decision: Callable[[], dict[str, Any] | None], beside: Beside) -> None:
        self._view, self._decision, self._beside = view, decision, beside
        self._lock = threading.Lock()
        self._tabs: dict[str, dict[str, _Tab]] = {}

    def open(self, stream: str) -> Iterator[bytes]:
        """Begin a stream, in the place of one of the same name that has broken off; its events, until it is closed."""
        tabs: dict[str, _Tab] = {}
        with self._lock:
            self._tabs[stream] = tabs
        return self._events(stream, tabs)

    def watch(self, stream: str, tab: str, execution: int | None, action: int | None) -> bool:
        """Tell a tab all about an execution (None: the one of interest) and the log of an action; False: no stream."""
        with self._lock:
            if stream not in self._tabs:
                return False
            self._tabs[stream][tab] = _Tab(tab, execution, action)
            return True

    def leave(self, stream: str, tab: str) -> None:
        """Tell a tab no more."""
        with self._lock:
            self._tabs.get(stream, {}).pop(tab, None)

    def _events(self, stream: str, tabs: dict[str, _Tab]) -> Iterator[bytes]:
        last_word = time.monotonic()
        try:
            yield b": welcome\n\n"
            while True:
                beside = {name: read() for name, read in self._beside.items()}
                with self._lock:
                    present = list(tabs.values())
                for tab in present:
                    for event in tab.news(self._view, self._decision(), beside):
                        last_word = time.monotonic()
                        yield event
                if time.monotonic() - last_word > _ALIVE:
                    last_word = time.monotonic()
                    yield b": still here\n\n"
                time.sleep(_LOOK)
        finally:
            with self._lock:
                if self._tabs.get(stream) is tabs:
                    del self._tabs[stream]


class _Tab:
    """What one tab has been told."""

    def __init__(self, name: str, execution: int | None, action: int | None) -> None:
        self._name, self._execution, self._action = name, execution, action
        self._told: dict[str, dict[str, Any]] = {}
        self._reader: LogReader | None = None
        self._read: tuple[int, int] | None = None
        self._timeline: tuple[str, TimelineReader | None] | None = None

    def news(self, view: View, decision: dict[str, Any] | None, beside: dict[str, dict[str, Any]]) -> Iterator[bytes]:
        """Yield events: ``state`` and what is beside it when they have changed, ``log`` what a log has grown by.

        And ``timeline``: what there is to draw of the same action.
        """
        state = view.read(self._execution) | {"decision": decision}
        for name, value in {"state": state, **beside}.items():
            if self._told.get(name) != value:
                self._told[name] = value
                yield self._event(name, value | {"now": time.time()})
        shown = _shown(state, self._action)
        if shown != self._read:
            self._read, file = shown, view.log(*shown) if shown else None
            self._reader, self._timeline = LogReader(file) if file else None, None
            yield self._event("log", {"action": shown[1] if shown else None, "begins": True, "text": ""})
        if self._reader and self._read:
            action = state["execution"]["actions"][self._read[1]]
            while text := self._reader.read(over=action["status"] != Status.RUNNING):
                if path := named(text):
                    self._timeline = path, None
                yield self._event("log", {"action": self._read[1], "begins": False, "text": text})
            yield from self._grown(view, action)

    def _grown(self, view: View, action: dict[str, Any]) -> Iterator[bytes]:
        if self._timeline is None:
            return
        path, reader = self._timeline
        file = view.timeline(path, action)
        if file is None:
            return
        reader = reader or TimelineReader(file)
        self._timeline = path, reader
        if news := reader.read():
            yield self._event("timeline", news)

    def _event(self, name: str, value: dict[str, Any]) -> bytes:
        return f"event: {name}\ndata: {json.dumps({'tab': self._name, 'value': value})}\n\n".encode()


def _shown(state: dict[str, Any], action: int | None) -> tuple[int, int] | None:
    """Choose the action whose log is shown: the one that was chosen, else the one that is, or was, the last at work."""
    execution = state.get("execution")
    if not execution:
        return None
    actions = execution["actions"]
    if action is not None:
        return (execution["execution"], action) if 0 <= action < len(actions) else None
    begun = [index for index, each in enumerate(actions) if each["status"] != Status.PENDING and not each["approval"]]
    return (execution["execution"], begun[-1]) if begun else None
