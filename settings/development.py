"""The stage that storms come to: what is asked of it beyond what any stage is asked."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Self

from pydantic import Field, model_validator

from settings.site import Stage
from settings.validation import Rule, refuse

# Ten rules of a listener, with five values each at most (Elastic Load Balancing User Guide, "Quotas").
MOST_NETWORKS = 50


def _is_network(text: str) -> bool:
    """Return whether a load balancer takes it: an address alone, or a mask in the place of the length, it refuses."""
    try:
        return str(ipaddress.IPv4Network(text)) == text
    except ValueError:
        return False


class Development(Stage):
    """The stage that storms come to; ``visitors`` are the networks that may look at it besides, and all where empty.

    On ``spot``, Fargate's spare capacity, its tasks cost less than a third.
    """

    visitors: Annotated[
        list[str],
        Rule(
            f'a list of at most {MOST_NETWORKS} different networks of IPv4, such as "203.0.113.0/24" or "192.0.2.7/32"',
            lambda all_: len(all_) == len(set(all_)) <= MOST_NETWORKS and all(map(_is_network, all_)),
        ),
    ] = Field(default_factory=list)
    spot: Annotated[
        bool, Rule("true (on Fargate Spot: AWS may take tasks back, two minutes after it says so) or false")
    ] = False

    @model_validator(mode="after")
    def _sees_its_visitors(self) -> Self:
        if self.visitors and self.front:
            raise refuse(
                "visitors",
                self.visitors,
                "behind CloudFront the load balancer sees CloudFront's addresses alone; allowed: no table dev.front, "
                "or no visitors",
            )
        return self
