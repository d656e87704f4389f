"""``make php-symbols``: what the site's PHP uses of WordPress and of PHP itself, anew from the site's image."""

from __future__ import annotations

from terminal.interruption import importing

with importing("php-symbols", __name__):
    import argparse
    import sys

    from containers.engine import ensure_base, external_bases, find
    from lint.linters import OUTSIDE, ROOT
    from terminal.standard_streams import run
    from tests.lint.outside.image import built, defined, wanted


def main() -> int:
    """Return 0: the file is as the image has it.

    What neither the project nor the image defines is for the linter to say.
    """
    argparse.ArgumentParser(prog="python -m tests.lint.outside", description=__doc__).parse_args()
    engine = find()
    for base in external_bases(ROOT / "src/wordpress/Dockerfile"):
        ensure_base(engine, base)
    content = wanted(defined(engine, built(engine)))
    if OUTSIDE.read_text() != content:
        OUTSIDE.write_text(content)
        print(f"wrote {OUTSIDE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(run("php-symbols", main))
