"""One visitor: a browser window of a certain size, and what went wrong in it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect

from tests.src.task import ROOT

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
AXE: Final = ROOT / "node_modules/axe-core/axe.min.js"
WCAG: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
STATUS_NOISE: Final = "Failed to load resource: the server responded with a status of"


@dataclass
class Visitor:
    """A window. ``problems`` collects script errors, refused resources and violations of the page's policy."""

    page: Page
    site: str
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        self.page.on("console", self._listen)

    def _listen(self, message: ConsoleMessage) -> None:
        # An answer with a status of its own (a refusal, the waiting page) is not a mistake of the page it shows.
        answer = message.text.startswith(STATUS_NOISE) and message.location["url"] == self.page.url
        if message.type in {"error", "warning"} and not answer:
            self.problems.append(f"console: {message.text} ({message.location['url']})")

    def go(self, path: str) -> None:
        """Open an address of the site."""
        self.page.goto(self.site + path)

    def sees(self, state: str, seconds: float = 10) -> None:
        """Wait for a state of the page."""
        expect(self.page.locator("[data-floodgate-state]")).to_have_attribute(
            "data-floodgate-state", state, timeout=seconds * 1000
        )

    @property
    def focused(self) -> str:
        """What has the focus: its id, or its text."""
        found = self.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        return str(found)

    def tab(self, times: int = 1, key: str = "Tab") -> list[str]:
        """Press a key, and tell what had the focus after each."""
        seen = []
        for _ in range(times):
            self.page.keyboard.press(key)
            seen.append(self.focused)
        return seen

    def violations(self, within: str | None = None) -> list[str]:
        """What axe-core finds against WCAG 2.2 AA: phone and desktop, light and dark."""
        found = []
        for size in (PHONE, DESKTOP):
            for scheme in SCHEMES:
                self.page.set_viewport_size(size)
                self.page.emulate_media(color_scheme=scheme)
                found += [f"{size['width']} px, {scheme}: {problem}" for problem in self._axe(within)]
        return found

    def _axe(self, within: str | None) -> Iterator[str]:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        result: dict[str, Any] = self.page.evaluate(
            "([within, tags]) => axe.run(within || document, {runOnly: tags, resultTypes: ['violations', 'incomplete']})",
            [within, list(WCAG)],
        )
        for kind in ("violations", "incomplete"):
            for rule in result[kind]:
                for node in rule["nodes"]:
                    yield f"{kind}: {rule['id']}: {rule['help']}: {node['html'][:160]} {json.dumps(node['any'])[:300]}"


@contextmanager
def visitor(browser: Browser, site: str, **context: Any) -> Iterator[Visitor]:
    """A window with no past; when it closes, nothing may have gone wrong in it."""
    made = browser.new_context(**{"viewport": DESKTOP, "locale": "en-GB", "timezone_id": "Europe/Berlin", **context})
    made.set_default_timeout(10_000)
    try:
        somebody = Visitor(made.new_page(), site)
        yield somebody
        assert_fine(somebody.problems)
    finally:
        made.close()


def assert_fine(problems: Iterable[str]) -> None:
    """No problems; each is named otherwise."""
    assert not (listed := list(problems)), "\n" + "\n".join(listed)
