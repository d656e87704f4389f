"""``make translations``: the translation files, anew from the code and from what translators wrote."""

from __future__ import annotations

from terminal.interruption import importing

with importing("translations", __name__):
    import argparse
    import sys

    from containers.engine import ensure_base, external_bases, find
    from preview import composition
    from terminal.standard_streams import run
    from tests.site.task import ROOT, Host, image
    from tests.site.translations.files import LANGUAGES, wanted


def main() -> int:
    """Return 0 when every text is translated, 1 when some are not."""
    argparse.ArgumentParser(prog="python -m tests.site.translations", description=__doc__).parse_args()
    engine = find()
    for base in external_bases(ROOT / "src/wordpress/Dockerfile"):
        ensure_base(engine, base)
    engine.build(image("wordpress"), *composition.build(ROOT, "wordpress"))
    should_be = wanted(Host(engine))
    for name in should_be.stale():
        (LANGUAGES / name).write_text(should_be.files[name])
        print(f"wrote {(LANGUAGES / name).relative_to(ROOT)}")
    for mistake in should_be.mistakes:
        print(mistake, file=sys.stderr)
    return 1 if should_be.mistakes else 0


if __name__ == "__main__":
    sys.exit(run("translations", main))
