"""What a page says: its state, its form, its assets. A page is told by its marker, never by its status."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html.entities import html5
from html.parser import HTMLParser

from loadtest.crowd.browser.address import joined, normal, site
from loadtest.record.page_states import CLOSED, ENDED, OPEN, SOLD_OUT, STATES

_MARKED_TAG = re.compile(r"<[a-zA-Z][^<>]*\bdata-floodgate-state\s*=[^<>]*>", re.IGNORECASE)
_FORMS = {
    name: re.compile(rf"<form\b[^<>]*\bid=[\"']?floodgate-{name}\b.*?</form\s*>", re.DOTALL | re.IGNORECASE)
    for name in ("claim", "find")
}
_REFRESH = re.compile(r"<meta\b[^<>]*http-equiv=[\"']?refresh[^<>]*content=[\"']?\s*(\d+(?:\.\d+)?)", re.IGNORECASE)
# What may be the name of a character without its semicolon, as no & of an address should be written and many are.
_BARE = re.compile(r"&([a-zA-Z][a-zA-Z0-9]*)(?![a-zA-Z0-9;])(?=(=?))")


@dataclass(frozen=True)
class Form:
    """The claim's form: where it is posted, and what its hidden inputs carry."""

    action: str
    hidden: Mapping[str, str]
    # Whether it names no address: it is posted to the page's own then, the query included.
    to_itself: bool = False


@dataclass(frozen=True)
class Page:
    """A page as a person sees it. ``state`` is None for anything that carries no marker of the site."""

    state: str | None = None
    code: str | None = None
    # Whether a confirmation says that the person had the seat already.
    again: bool = False
    form: Form | None = None
    # Where there is no form for a seat: the one that asks for the code of a seat that one has.
    find: Form | None = None
    assets: Sequence[str] = ()
    # What it names on other sites, and people of a storm do not load.
    elsewhere: Sequence[str] = ()
    # Seconds after which the page reloads itself; None if it does not.
    reload_after: float | None = None

    def at(self, url: str) -> Page:
        """Return the same page for who came by an address with another query: forms to itself go there."""
        if not ((self.form and self.form.to_itself) or (self.find and self.find.to_itself)):
            return self
        form, find = (
            replace(each, action=normal(url)) if each and each.to_itself else each for each in (self.form, self.find)
        )
        return replace(self, form=form, find=find)


@dataclass
class _Tags(HTMLParser):
    """Collects the start tags of a piece of HTML as (name, attributes)."""

    found: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def _tags(html: str) -> list[tuple[str, dict[str, str]]]:
    parser = _Tags()
    parser.feed(_BARE.sub(_bare, html))
    parser.close()
    return parser.found


def _bare(found: re.Match[str]) -> str:
    """Return what Python reads as a browser reads this in an attribute.

    To a browser such a name ends where nothing of a name follows, and no ``=``: ``?a=1&copy=2`` has no sign in it
    (HTML, 13.2.5.73; findings/html-parser-reads-signs-into-addresses.sh).
    """
    name, equals = found.groups()
    return found[0] if name in html5 and not equals else f"&amp;{name}"


def read(html: str, url: str, *, with_assets: bool) -> Page:
    """Read the answer from ``url``.

    Only ``with_assets`` are its css, js and images looked for, which is the slow part.
    """
    marked = _MARKED_TAG.search(html)
    tags = _tags(marked.group()) if marked else []
    marker = tags[0][1] if tags else {}
    state = marker.get("data-floodgate-state")
    refresh = _REFRESH.search(html)
    assets, elsewhere = _assets(html, url) if with_assets else ((), ())
    return Page(
        state=state if state in STATES else None,
        code=marker.get("data-floodgate-code"),
        again=marker.get("data-floodgate-again") == "yes",
        form=_form(html, url, "claim") if state == OPEN else None,
        find=_form(html, url, "find") if state in (CLOSED, SOLD_OUT, ENDED) else None,
        assets=assets,
        elsewhere=elsewhere,
        reload_after=float(refresh.group(1)) if refresh else None,
    )


def _form(html: str, url: str, name: str) -> Form | None:
    found = _FORMS[name].search(html)
    if not found:
        return None
    tags = _tags(found.group())
    if not tags:
        return None  # a quote that nobody closes has swallowed it
    reference = tags[0][1].get("action", "").strip()
    action = joined(url, reference)
    if action is None:
        return None
    hidden = {
        attrs["name"]: attrs.get("value", "")
        for tag, attrs in tags
        if tag == "input" and attrs.get("type", "").lower() == "hidden" and "name" in attrs
    }
    return Form(action, hidden, to_itself=not reference or reference.startswith("#"))


def _assets(html: str, url: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the stylesheets, scripts and images that a browser would load: of the page's own site, and of others."""
    found: dict[str, None] = {}
    base: str | None = None
    for tag, attrs in _tags(html):
        match tag, attrs:
            case "base", {"href": reference} if base is None:
                base = joined(url, reference.strip())
                continue
            case "link", {"rel": rel, "href": reference} if {"stylesheet", "icon"} & set(rel.lower().split()):
                pass
            case (("script" | "img"), {"src": reference}):
                pass
            case _:
                continue
        address = joined(base or url, reference.strip()) if reference.strip() else None
        if address is not None:
            found[address] = None
    ours = site(url)
    return tuple(each for each in found if site(each) == ours), tuple(each for each in found if site(each) != ours)
