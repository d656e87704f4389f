"""What every part of one rehearsal shares: whose it is, where its state lies, how it tells of its progress."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_REGISTRY = re.compile(r"\d{12}\.dkr\.ecr\.")


@dataclass(frozen=True)
class Context:
    """One checkout's rehearsal.

    ``checkout`` is the repository's root; ``docker`` the container engine's client as an argument list, with the
    environment it needs in ``docker_env``; ``say`` takes one line of progress; ``secret`` reads a secret's current
    string (account, region, ARN or name) and raises ``KeyError`` for an unknown one.
    """

    checkout: Path
    docker: tuple[str, ...]
    docker_env: Mapping[str, str]
    say: Callable[[str], None]
    secret: Callable[[str, str, str], str]

    @property
    def prefix(self) -> str:
        """``fg-`` and eight hex digits of the checkout's path: the start of every name made in the container engine."""
        return "fg-" + hashlib.sha256(str(self.checkout).encode()).hexdigest()[:8]

    def local(self, image: str) -> str:
        """Return the name in the engine of an image that a template names.

        What is published to ECR has the same name in every checkout with the same files. Here each checkout has its
        own, so that none takes away what another has published and not deployed yet.
        """
        return f"{self.prefix}/{image}" if _REGISTRY.match(image) else image

    @property
    def state(self) -> Path:
        """The folder that holds all that the rehearsal keeps."""
        return self.checkout / ".rehearsal"
