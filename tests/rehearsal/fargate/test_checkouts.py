"""Two checkouts on one machine, a port that is taken, and what is left when a checkout goes: nothing."""

from __future__ import annotations

import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from containers.client import Client
from rehearsal.aws.ecr import present, write_wrapper
from rehearsal.fargate.desired.errors import DeploymentFailed, PlanError
from rehearsal.fargate.stand.inventory import down
from rehearsal.fargate.task import images
from tests.rehearsal.fargate.conftest import Site, docker, make_site


def left(site: Site) -> list[str]:
    """Return all that the engine has of a checkout."""
    label = f"--filter=label=floodgate.checkout={site.ctx.checkout}"
    names = [*site.containers()]
    names += docker("volume", "ls", "--quiet", label).split()
    names += docker("network", "ls", "--quiet", label).split()
    names += [t for t in docker("image", "ls", "--format={{.Repository}}").split() if t.startswith(site.ctx.prefix)]
    names += [str(folder) for folder in Path("/sys/fs/cgroup").glob(f"**/{site.ctx.prefix}-*")]
    return names


def test_two_checkouts_do_not_collide(tmp_path: Path, app_image: str) -> None:
    one, other = make_site(tmp_path / "one", app_image), make_site(tmp_path / "other", app_image)
    try:
        with socket.socket() as squatter:
            squatter.bind(("127.0.0.1", one.port))
            squatter.listen()
            with pytest.raises(DeploymentFailed, match=f"port {one.port} of this machine is taken"):
                one.deploy("one")
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda pair: pair[0].deploy(pair[1]), [(one, "one"), (other, "other")]))
        assert (one.get(), other.get()) == ((200, "one"), (200, "other"))
        assert other.facts()["rows"] == ["other"]
        before = left(one)
        removed = down(one.ctx)
        assert left(one) == []
        assert {name for name in before if name.startswith(one.ctx.prefix)} <= {r.partition(":")[0] for r in removed}
        assert other.get() == (200, "other")
        other.deploy("other again")
        assert other.get() == (200, "other again")
    finally:
        down(one.ctx)
        down(other.ctx)
    assert left(one) == left(other) == []
    assert down(one.ctx) == []


def test_what_one_checkout_has_published_outlives_the_clean_up_of_another_with_the_same_files(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {images.BASE}\nLABEL made-by={tmp_path.name}\n")
    built, published = "cdkasset-0123abcd", "111122223333.dkr.ecr.eu-central-1.amazonaws.com/assets:0123abcd"
    one, other = (make_site(tmp_path / name, "none").ctx for name in ("one", "other"))
    try:
        for ctx in (one, other):
            wrapper, pushed = ctx.state / "docker", ctx.state / "pushed"
            write_wrapper(wrapper, pushed, ctx)
            for call in (("build", "--tag", built, str(tmp_path)), ("tag", built, published), ("push", published)):
                subprocess.run([wrapper, *call], check=True, capture_output=True)
            assert present([published], ctx) == [published]
        down(one)
        assert present([published], one) == []
        with pytest.raises(PlanError, match="is not in the local store"):
            images.task_image(Client(one), "here", published)
        assert images.task_image(Client(other), "here", published).id.startswith("sha256:")
    finally:
        for ctx in (one, other):
            down(ctx)
    assert not [name for name in Client(one).images() if name.startswith((one.prefix, other.prefix))]
