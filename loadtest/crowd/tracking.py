"""The address that a person came by: as from a newsletter or a post, with tracking parameters that nobody else has."""

from __future__ import annotations

import random
from typing import Final

# What such services put behind an address: campaigns by Google's names (utm_*), Mailchimp's reader, click ids of Meta
# and Google, and the name of a service of which no list knows.
PARAMETERS: Final = (
    "utm_source=newsletter&utm_medium=email&utm_campaign=opening&mc_cid=5f2c81d0a9&mc_eid={own}",
    "utm_source=newsletter&utm_medium=email&utm_campaign=opening&reader_no={own}",
    "fbclid={own}",
    "utm_source=search&utm_medium=cpc&gclid={own}",
)


def address(url: str, share: float, seed: int, person: int) -> str:
    """Return the address by which a person comes to the page: of a share of them, with parameters of their own.

    Drawn apart from all habits: who a person is otherwise does not follow from it.
    """
    rng = random.Random(f"{seed}:{person}:address")  # noqa: S311 - a repeatable crowd, not a secret
    if rng.random() >= share:
        return url
    return f"{url}?{rng.choice(PARAMETERS).format(own=f'{rng.getrandbits(80):020x}')}"
