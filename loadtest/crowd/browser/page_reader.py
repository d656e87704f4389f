"""Reads pages, and remembers the last few: people who reload get the same bytes over and over."""

from __future__ import annotations

from collections import OrderedDict

from loadtest.crowd.browser.answer import Answer
from loadtest.crowd.browser.page import Page, read


class PageReader:
    """What all people of a process read with; ``capacity`` pages are remembered by their bytes."""

    def __init__(self, capacity: int = 64) -> None:
        self._known: OrderedDict[tuple[bytes, str, bool], Page] = OrderedDict()
        self._kept: OrderedDict[Answer, Answer] = OrderedDict()
        self._capacity = capacity

    def read(self, answer: Answer, url: str, *, with_assets: bool) -> Page:
        """Read the page in an answer. Raise one of FAILURES when its body is not what it says."""
        # Who comes from a newsletter has a query of their own; nothing on the page is relative to that but its forms.
        address, _, query = url.partition("?")
        key = (answer.body, address, with_assets)
        page = self._known.get(key)
        if page is None:
            page = read(answer.text(), address, with_assets=with_assets)
            self._known[key] = page
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return page.at(url) if query else page

    def kept(self, answer: Answer) -> Answer:
        """Return an answer as a browser's cache keeps it: one object for all people who have the same.

        Of ten kilobytes of a page each of thousands of people would hold a copy. Date and cookies are one person's.
        """
        own = answer._replace(date=None, cookies=())
        shared = self._kept.setdefault(own, own)
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)
        return shared
