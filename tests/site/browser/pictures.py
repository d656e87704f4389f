"""The pictures of docs/visitors.md, taken anew from a real site: ``python -m tests.site.browser.pictures``."""

from __future__ import annotations

from terminal.interruption import importing

with importing("pictures", __name__):
    import argparse
    import io
    import sys
    from collections.abc import Callable, Iterator
    from contextlib import contextmanager
    from dataclasses import dataclass
    from typing import Final, Literal

    from PIL import Image
    from playwright.sync_api import Browser, ViewportSize

    from terminal.standard_streams import run
    from tests.site.browser.courses import draw, offer
    from tests.site.browser.site import chromium, serving
    from tests.site.browser.test_registering import LET_THE_SERVER_JUDGE
    from tests.site.browser.visitor import DESKTOP, PHONE, Visitor, visitor
    from tests.site.task import ROOT, Task

FOLDER: Final = ROOT / "docs/images"
COLOURS: Final = 256
GAP: Final = 24
GROUND: Final = "#c3ccd6"
BYTES_MAX: Final = 150_000


@dataclass
class Studio:
    """A site with something to show in each state."""

    task: Task
    browser: Browser

    def __post_init__(self) -> None:
        lake = draw(self.task, "lake.svg", "#7fc1e8", "#0b3d6e")
        hills = draw(self.task, "hills.svg", "#f2c79a", "#7a3b22")
        meadow = draw(self.task, "meadow.svg", "#bfe3c8", "#14573a")
        swimming = "Eight quiet evenings in the warm pool, for everybody who always wanted to learn it."
        baths = "Riverside Baths, Mill Lane 4"
        day = 86400
        self.closed = offer(
            self.task,
            "Swimming for beginners",
            opens_in=2 * day + 7262,
            closes_in=20 * day,
            starts_in=30 * day,
            place=baths,
            summary="Six mornings, and nobody is too late for it.",
            picture=lake,
        )
        self.open = offer(
            self.task,
            closes_in=20 * day,
            taken=43,
            starts_in=28 * day,
            place=baths,
            summary=swimming,
            picture=lake,
        )
        self.concert = offer(
            self.task,
            "Summer concert",
            seats=40,
            taken=3,
            fields=[],
            starts_in=40 * day,
            place="On the meadow",
            summary="Two choirs and a brass band; bring a blanket.",
            picture=meadow,
        )
        offer(
            self.task,
            "Walk to the three hills",
            opens_in=5 * day,
            starts_in=50 * day,
            place="Old Mill, Court 2",
            summary="Eighteen kilometres, one long rest, good views.",
            picture=hills,
        )
        self.sold_out = offer(
            self.task, "First aid on Saturday", seats=16, taken=16, starts_in=9 * day, place="Fire station"
        )
        self.ended = offer(self.task, "Pottery in the old mill", opens_in=-7200, closes_in=-3600)

    @contextmanager
    def window(self, size: ViewportSize, scheme: Literal["light", "dark"]) -> Iterator[Visitor]:
        with visitor(self.browser, self.task.url, viewport=size, color_scheme=scheme) as somebody:
            yield somebody

    def shoot(
        self, show: Callable[[Visitor], None], size: ViewportSize, scheme: Literal["light", "dark"] = "light"
    ) -> Image.Image:
        """Picture what the window shows, to the end of the page."""
        with self.window(size, scheme) as somebody:
            show(somebody)
            return Image.open(io.BytesIO(somebody.page.screenshot(full_page=True)))

    def form(self, somebody: Visitor) -> None:
        somebody.go(self.open)

    def mistakes(self, somebody: Visitor) -> None:
        somebody.go(self.open)
        somebody.page.evaluate(LET_THE_SERVER_JUDGE)
        somebody.type(name="Ada Lovelace", email="ada at home", answer_phone="0123 456")
        somebody.page.select_option("#answer-group", "Late")
        somebody.page.check("#answer-rules")
        somebody.send()
        somebody.sees("invalid")

    def ticket(self, name: str) -> Callable[[Visitor], None]:
        def register(somebody: Visitor) -> None:
            somebody.go(self.concert)
            somebody.type(name=name, email=f"{name.lower().replace(' ', '.')}@example.org")
            somebody.send()
            somebody.sees("confirmed")

        return register

    def waiting(self, somebody: Visitor) -> None:
        somebody.go("/?replytocom=1")
        somebody.sees("waiting")
        somebody.page.wait_for_timeout(1200)  # for the bar to have moved

    def at(self, path: str) -> Callable[[Visitor], None]:
        return lambda somebody: somebody.go(path)


def beside(pictures: list[Image.Image], height: int = 1200) -> Image.Image:
    """Put pictures into one, their tops in a line; what is lower than ``height`` is cut off."""
    sheet = Image.new("RGB", (sum(p.width + GAP for p in pictures) + GAP, height + 2 * GAP), GROUND)
    left = GAP
    for picture in pictures:
        sheet.paste(picture.crop((0, 0, picture.width, min(picture.height, height))), (left, GAP))
        left += picture.width + GAP
    return sheet


def save(name: str, picture: Image.Image) -> None:
    """Save a picture with a palette: a third of the bytes, and nobody sees it."""
    file = FOLDER / f"{name}.png"
    picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    assert file.stat().st_size < BYTES_MAX, f"{file} has {file.stat().st_size} bytes"


def main() -> int:
    argparse.ArgumentParser(prog="python -m tests.site.browser.pictures", description=__doc__).parse_args()
    with serving("pictures") as task, chromium() as browser:
        studio = Studio(task, browser)
        save("course", studio.shoot(studio.at(studio.closed), DESKTOP))
        save("visitor-open", studio.shoot(studio.form, DESKTOP))
        save("visitor-confirmed", studio.shoot(studio.ticket("Ada Lovelace"), DESKTOP))
        save("visitor-front", studio.shoot(studio.at("/"), DESKTOP).crop((0, 0, DESKTOP["width"], 1260)))
        over = [studio.shoot(studio.at(path), PHONE) for path in (studio.sold_out, studio.ended)]
        task.engine("stop", "wordpress")
        waiting = studio.shoot(studio.waiting, PHONE)
        task.engine("start", "wordpress")
        task.wait_until_ready()
        save("visitor-instead", beside([waiting, *over], PHONE["height"]))
        phone: list[tuple[Callable[[Visitor], None], Literal["light", "dark"]]] = [
            (studio.at(studio.closed), "light"),
            (studio.form, "dark"),
            (studio.mistakes, "light"),
            (studio.ticket("Grace Hopper"), "dark"),
        ]
        save("visitor-phone", beside([studio.shoot(show, PHONE, scheme) for show, scheme in phone], 1330))
    return 0


if __name__ == "__main__":
    sys.exit(run("pictures", main))
