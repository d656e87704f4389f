"""What is somebody else's in the site is what the lock names, with its licence."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "src/wordpress/mu-plugins/floodgate/assets"


@pytest.mark.parametrize(("ours", "theirs"), [("qr.js", "nano.mjs"), ("qr.LICENSE.txt", "LICENSE")])
def test_the_tickets_drawing_is_the_locked_packages(ours: str, theirs: str) -> None:
    assert (ASSETS / ours).read_bytes() == (ROOT / "node_modules/lean-qr" / theirs).read_bytes(), "copy it anew"
