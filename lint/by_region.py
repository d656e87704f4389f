"""``python -m lint.by_region FOLDER``: cfn-lint on every template of a cloud assembly, each by its own region's rules.

A type of resource that a region does not have fails there, after everything before it was deployed; the pipeline's own
region says nothing about a stage in another one, nor about a front in us-east-1. Exit: cfn-lint's, of several runs the
bits of all; 2 for a folder that is no cloud assembly.
"""

from __future__ import annotations

from terminal.interruption import importing

with importing("lint.by_region", __name__):
    import argparse
    import subprocess
    import sys
    from collections.abc import Mapping
    from pathlib import Path

    from rehearsal.values import cloud_assembly
    from rehearsal.values.exits import BAD_INPUT, Refused
    from terminal.standard_streams import run


def templates(folder: Path) -> Mapping[str, list[Path]]:
    """Return an assembly's templates by region. One that is no stack's own, a nested stack's, is in those beside it."""
    stacks = cloud_assembly.stacks(folder)
    regions = {stack.template: {stack.region} for stack in stacks}
    for template in {found for stack in stacks for found in stack.template.parent.glob("*.template.json")}:
        beside = {stack.region for stack in stacks if stack.template.parent == template.parent}
        regions.setdefault(template, beside)
    found: dict[str, list[Path]] = {}
    for template, where in sorted(regions.items()):
        for region in sorted(where):
            found.setdefault(region, []).append(template)
    return found


def lint(folder: Path) -> int:
    """Return cfn-lint's exit code; what it says is printed."""
    code = 0
    for region, paths in templates(folder).items():
        code |= subprocess.run(["cfn-lint", "-r", region, "--", *map(str, paths)], check=False).returncode
    return code


def main() -> int:
    """See the module's description."""
    parser = argparse.ArgumentParser(prog="python -m lint.by_region", description=__doc__)
    parser.add_argument("folder", type=Path)
    try:
        return lint(parser.parse_args().folder)
    except Refused as refused:
        print(f"lint.by_region: {refused}", file=sys.stderr)
        return BAD_INPUT


if __name__ == "__main__":
    sys.exit(run("lint.by_region", main))
