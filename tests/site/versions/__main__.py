"""``make prove-wordpress``: all tests that ask a real site, on each WordPress that a team can have.

Exit 0: all of them passed on each; 1: some did not, or an image holds another WordPress than it should.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("prove-wordpress", __name__):
    import argparse
    import os
    import subprocess
    import sys
    import tempfile
    from collections import Counter
    from dataclasses import dataclass
    from pathlib import Path
    from typing import Final
    from xml.etree import ElementTree as Xml

    from containers.engine import find
    from settings.site import LINES
    from terminal.standard_streams import run
    from tests.site.task import PREFIX, ROOT

# What asks a real site: its own tests, those of `make site`, and what PHP makes of the code beside WordPress's.
PATHS: Final = ("tests/site", "tests/preview", "tests/lint/test_php_in_image.py")
VERSION: Final = "require '/var/www/wordpress/core/wp-includes/version.php'; echo $wp_version;"


@dataclass(frozen=True)
class Outcome:
    """What became of the tests on one WordPress; ``version`` is what its image itself says."""

    line: str
    version: str
    counts: Counter[str]

    @property
    def proven(self) -> bool:
        is_meant = f"{self.version}.".startswith(f"{self.line}.")
        return is_meant and self.counts["passed"] > 0 and set(self.counts) == {"passed"}

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items())) or "no test ran"
        return f"WordPress {self.version}: {counts}"


def main() -> int:
    """Run the tests on one WordPress after the other, and print a line for each; the exit code."""
    parser = argparse.ArgumentParser(prog="make prove-wordpress", description=__doc__)
    parser.add_argument("--lines", nargs="+", default=list(LINES), choices=LINES)
    parser.add_argument("--tests", nargs="+", default=list(PATHS), help="some of the tests alone")
    options = parser.parse_args()
    outcomes = [outcome(line, options.tests) for line in options.lines]
    print(" · ".join(str(each) for each in outcomes))
    return 0 if all(each.proven for each in outcomes) else 1


def outcome(line: str, tests: list[str]) -> Outcome:
    """Run the tests on a WordPress; what they print is seen as they run."""
    with tempfile.TemporaryDirectory(prefix="floodgate-wordpress-") as folder:
        report = Path(folder) / "junit.xml"
        print(f"the tests on WordPress {line}", flush=True)
        command = [sys.executable, "-m", "pytest", "-q", "--numprocesses", "2", "--no-loadscope-reorder"]
        environment = {**os.environ, "FLOODGATE_WORDPRESS": line}
        subprocess.run([*command, f"--junit-xml={report}", *tests], env=environment, cwd=ROOT, check=False)
        counts = counted(report.read_text()) if report.exists() else Counter[str]()
    image = f"{PREFIX}-wordpress:{line}"
    answer = find().run("run", "--rm", "--network", "none", "--entrypoint", "php", image, "-r", VERSION)
    return Outcome(line, answer.stdout if answer.returncode == 0 else f"{line} (no image of it)", counts)


def counted(report: str) -> Counter[str]:
    """Return how many tests of a report passed, failed, and were skipped."""
    counts: Counter[str] = Counter()
    for case in Xml.fromstring(report).iter("testcase"):
        found = [name for name in ("failure", "error", "skipped") if case.find(name) is not None]
        counts[found[0] if found else "passed"] += 1
    return counts


if __name__ == "__main__":
    sys.exit(run("prove-wordpress", main))
