"""What stands in for CodeBuild's image: this machine.

A build of a rehearsal runs on the machine itself, not in a container from ``aws/codebuild/standard``; that is the one
thing of CodeBuild that is replaced. What the image brings is taken from here: Python, git, make and the shell from the
machine; Node and npm from the virtual environment that runs the rehearsal, whose version is pinned; the container
engine by the wrapper of ``rehearsal.aws.ecr``. ``runtime-versions`` choose among the image's interpreters, so they have
no effect here, nor have ``run-as``, ``proxy`` and the compute type. Everything else is a build's own: its environment
holds nothing of the person's who started the rehearsal but what is listed below.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

# A home, a language, and how this machine reaches the package registries.
_KEPT = frozenset(
    [
        "HOME",
        "USER",
        "LOGNAME",
        "LANG",
        "LANGUAGE",
        "TZ",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "ALL_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "all_proxy",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "NIX_SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
        "GIT_SSL_CAINFO",
    ]
)

_KEPT_PREFIXES = ("LC_", "PIP_", "UV_", "NPM_CONFIG_", "npm_config_")

_TOOLS = ("node", "npm", "npx")


def environment(parent: Mapping[str, str], home: Path, tools: Path) -> dict[str, str]:
    """Return the image's own environment.

    It is what is kept of ``parent``, the search path, and npm's global folder in ``home``.
    """
    kept = {name: value for name, value in parent.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}
    kept.pop("PIP_REQUIRE_VIRTUALENV", None)
    for name in ("no_proxy", "NO_PROXY"):
        kept[name] = ",".join(filter(None, (parent.get(name), "localhost,127.0.0.1")))
    prefix = home / "npm"
    return {
        **kept,
        "PATH": ":".join([f"{prefix}/bin", str(tools), *search_path(parent.get("PATH", ""))]),
        # `npm install -g` needs no root and no second download: the folder outlives the build.
        "npm_config_prefix": str(prefix),
        "npm_config_prefer_offline": "true",
        "npm_config_update_notifier": "false",
    }


def search_path(path: str) -> list[str]:
    """Return the search path without virtual environments and project folders: an image knows nothing of them."""
    kept = []
    for entry in path.split(":"):
        folder = Path(entry).parent
        # os.path's, which says no of what may not be looked into: a path that sudo or su has left
        if not entry or os.path.exists(folder / "pyvenv.cfg") or folder.name == "node_modules":  # noqa: PTH110
            continue
        kept.append(entry)
    return kept or ["/usr/local/bin", "/usr/bin", "/bin"]


def link_tools(tools: Path) -> None:
    """Make ``tools`` hold Node and npm of the environment that runs this, as far as it has them."""
    tools.mkdir(parents=True, exist_ok=True)
    for name in _TOOLS:
        source, link = Path(sys.prefix) / "bin" / name, tools / name
        if source.exists() and not (link.is_symlink() and link.readlink() == source):
            link.unlink(missing_ok=True)
            link.symlink_to(source)
