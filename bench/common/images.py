"""The images of the benchmarks."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from bench.common.lab import CHECKOUT, Failed, Lab
from containers import database
from containers.errors import EngineError

IMAGES = CHECKOUT / "bench/images"
# How the images of an earlier commit are called: nginx-earlier, wordpress-earlier.
EARLIER_IMAGES = "-earlier"


def build(lab: Lab, name: str) -> None:
    """Build one image; those of the variants take WordPress from the site's, which must be built."""
    source = CHECKOUT / "src"
    match name:
        case "nginx":
            lab.build(name, source / "nginx/Dockerfile", source, UPSTREAM="localhost")
        case "wordpress":
            lab.build(name, source / "wordpress/Dockerfile", source)
        case "database":
            _build_database(lab, name)
        case "load":
            lab.build(name, IMAGES / name / "Dockerfile", IMAGES.parent)
        case "static" | "varnish":
            lab.build(name, IMAGES / name / "Dockerfile", IMAGES)
        case _:
            lab.build(name, IMAGES / name / "Dockerfile", IMAGES, WORDPRESS=lab.name("wordpress"))


def build_earlier(lab: Lab, name: str, commit: str) -> None:
    """Build one image of the site as a commit of this repository has it. Raise Failed where there is no such commit."""
    done = subprocess.run(["git", "archive", commit, "src"], cwd=CHECKOUT, capture_output=True, check=False)
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise Failed(f"{commit} is no commit of this repository, name another one with --beside: {reason}")
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
        source = Path(folder, "src")
        part = name.removesuffix(EARLIER_IMAGES)
        arguments = {"UPSTREAM": "localhost"} if part == "nginx" else {}
        lab.build(name, source / part / "Dockerfile", source, **arguments)


def _build_database(lab: Lab, name: str) -> None:
    folder = CHECKOUT / database.FOLDER

    def build_server(server: str) -> None:
        try:
            lab.build(name, folder / server / "Dockerfile", folder)
        except Failed as failure:
            raise EngineError(f"the image of {database.SERVERS[server]} could not be built", str(failure)) from None

    try:
        database.build(build_server, print)
    except EngineError as error:
        raise Failed(f"{error.message}\n{error.log_tail}") from None
