"""Reads pages, and remembers the last few: people who reload get the same bytes over and over."""

from __future__ import annotations

import zlib
from collections import OrderedDict

import brotli

from loadtest.crowd.browser.answer import Answer
from loadtest.crowd.browser.page import Page, read


class PageReader:
    """What all people of a process read with; ``capacity`` pages are remembered by their bytes."""

    def __init__(self, capacity: int = 64) -> None:
        self._known: OrderedDict[tuple[bytes, str, bool], Page] = OrderedDict()
        self._capacity = capacity

    def read(self, answer: Answer, url: str, *, with_assets: bool) -> Page:
        """Read the page in an answer. Raise zlib.error or brotli.error when its compressed body is broken."""
        key = (answer.body, url, with_assets)
        page = self._known.get(key)
        if page is None:
            body = answer.body
            if answer.encoding in ("gzip", "deflate"):
                body = zlib.decompress(body, wbits=zlib.MAX_WBITS | 32)
            elif answer.encoding == "br":
                body = brotli.decompress(body)
            page = read(body.decode("utf-8", errors="replace"), url, with_assets=with_assets)
            self._known[key] = page
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return page
