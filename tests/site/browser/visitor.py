"""One visitor: a browser window of a certain size, and what went wrong in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, ViewportSize, expect

from tests.site.task import ROOT, eventually

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
# What is left of 1280 x 1024 at 400 % (WCAG 1.4.10).
ZOOMED: Final[ViewportSize] = {"width": 320, "height": 256}
AXE: Final = ROOT / "node_modules/axe-core/axe.min.js"
RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# What axe-core looks for in each: what is not of colours is the same in both.
SCHEMES: Final[dict[Literal["light", "dark"], Sequence[str]]] = {"light": RULES, "dark": ("color-contrast",)}
# What axe-core leaves out: WordPress's own editor for texts, and the inside of drawings, which are images.
OUT_OF_REACH: Final = [[".wp-editor-wrap"], ["svg[role=img] > *"]]
WHOLE_PAGE: Final = "html"
SOLD_OUT: Final = "main[data-floodgate-state=sold-out]"
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
        asset = re.search(r"\.(?:css|js|png|svg|ico)(?:\?|$)", message.location["url"])
        if message.type in {"error", "warning"} and (asset or not message.text.startswith(STATUS_NOISE)):
            self.problems.append(f"console: {message.text} ({message.location['url']})")

    def go(self, path: str) -> None:
        """Open an address of the site."""
        self.page.goto(self.site + path)

    def finds(self, path: str, what: str) -> None:
        """Open a page anew until it has what a selector names.

        The cache keeps a page for each coding, and shows an old one once more: whoever asks without Brotli does not see
        which one a browser gets.
        """

        def found() -> bool:
            with suppress(Error):  # the window is on its way elsewhere
                self.go(path)
                return self.page.locator(what).count() > 0
            return False

        eventually(found)

    def sees(self, state: str, seconds: float = 60) -> None:
        """Wait for a state of the page; how long is a safety net, wide enough for a busy machine."""
        main = self.page.locator("main[data-floodgate-state]")
        expect(main).to_have_attribute("data-floodgate-state", state, timeout=seconds * 1000)

    def marker(self, name: str) -> str | None:
        """Return the value of a ``data-floodgate-…`` attribute."""
        return self.page.locator("main").get_attribute(f"data-floodgate-{name}")

    def type(self, **values: str) -> None:
        """Fill in fields by their ids, ``_`` for ``-``."""
        for name, value in values.items():
            self.page.fill(f"#{name.replace('_', '-')}", value)

    def send(self) -> None:
        """Press the form's button."""
        self.page.click("button[type=submit]")

    def press(self, key: str) -> str:
        """Press a key, and tell what has the focus then: its id, or its text; nothing when it is the page itself."""
        self.page.keyboard.press(key)
        return str(self.page.evaluate(FOCUSED))

    def assert_accessible(self, within: str = WHOLE_PAGE) -> None:
        """Let nothing stand against WCAG 2.2 AA.

        axe-core at phone and desktop width, light and dark; reflow at 400 %.
        """
        self.page.locator(within).wait_for()
        found = []
        for size in (PHONE, DESKTOP):
            self.page.set_viewport_size(size)
            for scheme, rules in SCHEMES.items():
                if scheme == "dark" and within != WHOLE_PAGE:
                    continue  # WordPress's dashboard and theme have none
                self.page.emulate_media(color_scheme=scheme)
                found += [f"{size['width']} px, {scheme}: {problem}" for problem in self._axe(within, rules)]
        found += self.too_wide(within)
        assert not found, "\n" + "\n".join(found)

    def too_wide(self, within: str = WHOLE_PAGE) -> list[str]:
        """Return what makes the page scroll sideways, on either side, at 320 (400 %), 390 and 1280 pixels."""
        self.page.wait_for_load_state()  # until its style is there
        found = []
        for size in (ZOOMED, PHONE, DESKTOP):
            self.page.set_viewport_size(size)
            found += [
                f"at {size['width']} px it is cut off, or scrolls sideways: {html}"
                for html in self.page.evaluate(TOO_WIDE, within)
            ]
        return found

    def _axe(self, within: str, rules: Sequence[str]) -> Iterator[str]:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        result: dict[str, Any] = self.page.evaluate(
            "([include, exclude, runOnly]) => axe.run({include, exclude}, {runOnly})", [[[within]], OUT_OF_REACH, rules]
        )
        found = [(rule, node) for rule in result["violations"] for node in rule["nodes"]]
        if within == WHOLE_PAGE:
            # Contrasts that it cannot judge: in others' pages there are many, in ours only that it does not see that a
            # card's own ground hides the band behind it.
            undecided = [rule for rule in result["incomplete"] if rule["id"] == "color-contrast"]
            found += [(r, n) for r in undecided for n in r["nodes"] if '"elmPartiallyObscuring"' not in json.dumps(n)]
        for rule, node in found:
            why = "; ".join(check["message"] for check in node["any"] + node["all"] + node["none"])
            yield f"{rule['id']}: {node['html'][:160]}: {why}"


TOO_WIDE: Final = """(within) => {
    const root = document.documentElement;
    const isWide = (element) => {
        const box = element.getBoundingClientRect();
        return box.right > root.clientWidth || box.left < 0;
    };
    const scrolls = root.scrollWidth > root.clientWidth;
    const wide = scrolls ? [...document.querySelectorAll(`${within} *`)].filter(isWide) : [];
    return wide.map((element) => element.outerHTML.slice(0, 160));
}"""
FOCUSED: Final = """() => {
    const focused = document.activeElement;
    return focused === document.body ? '' : focused.id || focused.textContent.trim();
}"""


@contextmanager
def visitor(browser: Browser, site: str, script: str = "", **context: Any) -> Iterator[Visitor]:
    """Open a window with no past; when it closes, nothing may have gone wrong in it.

    ``script`` runs before each page.
    """
    made = browser.new_context(**{"viewport": DESKTOP, "locale": "en-GB", "timezone_id": "Europe/Berlin", **context})
    made.set_default_timeout(10_000)
    # WordPress shows its users' pictures from there; a test needs nobody else's server.
    made.route("https://secure.gravatar.com/**", lambda route: route.fulfill(status=200, content_type="image/gif"))
    if script:
        made.add_init_script(script)
    try:
        somebody = Visitor(made.new_page(), site)
        yield somebody
        assert not somebody.problems, "\n" + "\n".join(somebody.problems)
    finally:
        # Chromium never says that a context is gone whose page was about to go elsewhere by itself.
        for page in made.pages:
            with suppress(Error):
                page.goto("about:blank")
        made.close()
