"""The shell in a Makefile's recipes and in a buildspec's commands, as scripts that a linter of shell can read."""

from __future__ import annotations

import re

import yaml


def makefile(source: str) -> str:
    """Write the recipes of a Makefile as one script, each line where it was; what make fills in becomes a word."""
    lines = []
    going_on = False
    for line in source.splitlines():
        if line.startswith("\t") or going_on:
            recipe = line if going_on else re.sub(r"^\t[@+-]*", "", line)
            lines.append(_filled_in(recipe))
            going_on = line.endswith("\\")
        else:
            lines.append("")
    return "#!/bin/sh\n" + "\n".join(lines[1:]) + "\n"


def _filled_in(recipe: str) -> str:
    """Turn ``$(name …)``, also nested, into ``make_name``; ``$$`` is the shell's own ``$``."""
    before = None
    while before != recipe:
        before = recipe
        recipe = re.sub(r"(?<!\$)((?:\$\$)*)\$\(([\w-]+)[^()]*\)", r"\1make_\2", recipe)
    return re.sub(r"(?<!\$)\$[@<^?*]", "make_automatic", recipe).replace("$$", "$")


def buildspec(source: str) -> str:
    """Write the commands of a buildspec as one script, each in the line where it stands as far as that can be told."""
    commands = [
        command
        for phase in (yaml.safe_load(source).get("phases") or {}).values()
        for key in ("commands", "finally")
        for command in phase.get(key, [])
    ]
    lines = source.splitlines()
    script = ["#!/bin/sh"]
    for command in commands:
        at = next(
            (i for i, line in enumerate(lines) if i >= len(script) and command.splitlines()[0] in line), len(script)
        )
        script += [""] * (at - len(script)) + command.splitlines()
    return "\n".join(script) + "\n"
