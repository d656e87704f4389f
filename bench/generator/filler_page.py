"""A page of the site's size, the same in every run: about 42 kB, about 10 kB compressed."""

from __future__ import annotations

import random

SIZE = 42_000
SEED = 1
WORDS = 8000


def page(state: str, *, form: str = "", assets: str = "") -> bytes:
    """Return HTML with the site's marker of a state; the filler is seeded words in the markup of WordPress's blocks."""
    rng = random.Random(SEED)  # noqa: S311 - the same text each time, not a secret
    words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 9))) for _ in range(WORDS)]
    parts = [
        f'<!doctype html><html lang="en"><head><title>Course</title>{assets}</head><body>',
        f'<main id="main" data-floodgate-state="{state}">{form}</main>',
    ]
    length = sum(map(len, parts))
    while length < SIZE:
        text = " ".join(rng.choices(words, k=7))
        parts.append(f'<div class="wp-block-group is-layout-constrained"><p class="wp-block">{text}</p></div>\n')
        length += len(parts[-1])
    return "".join([*parts, "</body></html>"]).encode()
