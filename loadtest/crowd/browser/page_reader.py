"""Reads pages, and remembers the last few: people who reload get the same bytes over and over."""

from __future__ import annotations

from collections import OrderedDict

from loadtest.crowd.browser.answer import Answer
from loadtest.crowd.browser.page import Page, read


class PageReader:
    """What all people of a process read with; ``capacity`` pages are remembered by their bytes."""

    def __init__(self, capacity: int = 64) -> None:
        self._known: OrderedDict[tuple[bytes, str, bool], Page] = OrderedDict()
        self._capacity = capacity

    def read(self, answer: Answer, url: str, *, with_assets: bool) -> Page:
        """Read the page in an answer. Raise one of FAILURES when its body is not what it says."""
        key = (answer.body, url, with_assets)
        page = self._known.get(key)
        if page is None:
            page = read(answer.text(), url, with_assets=with_assets)
            self._known[key] = page
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return page
