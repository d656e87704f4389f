"""The images of the benchmarks."""

from __future__ import annotations

from bench.common.lab import CHECKOUT, Lab

IMAGES = CHECKOUT / "bench/images"


def build(lab: Lab, name: str) -> None:
    """Build one image; those of the variants take WordPress from the site's, which must be built."""
    source = CHECKOUT / "src"
    database = CHECKOUT / "rehearsal/fargate/task/own_images/mariadb"
    match name:
        case "nginx":
            lab.build(name, source / "nginx/Dockerfile", source, UPSTREAM="localhost")
        case "wordpress":
            lab.build(name, source / "wordpress/Dockerfile", source)
        case "database":
            lab.build(name, database / "Dockerfile", database)
        case "load":
            lab.build(name, IMAGES / name / "Dockerfile", IMAGES.parent)
        case "static" | "varnish":
            lab.build(name, IMAGES / name / "Dockerfile", IMAGES)
        case _:
            lab.build(name, IMAGES / name / "Dockerfile", IMAGES, WORDPRESS=lab.name("wordpress"))
