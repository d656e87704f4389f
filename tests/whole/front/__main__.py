"""``make prove-front``: dev closed to strangers, then behind CloudFront; prod behind CloudFront from the beginning."""

from __future__ import annotations

from terminal.interruption import importing

with importing("prove-front", __name__):
    import argparse
    import re
    import ssl
    import sys
    import tempfile
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from rehearsal.values.exits import DONE
    from terminal.standard_streams import run
    from tests.ports import SECURE
    from tests.rehearsal.fargate.clients import Visitor
    from tests.rehearsal.fargate.conftest import docker
    from tests.whole.repository import Outcome, Repository, rehearsing

DEV, PROD = "dev.example.com", "www.example.com"
# Any address of CloudFront's leads to the distribution that has the name.
FRONT = """[{stage}.front]
distribution = "d111111abcdef8.cloudfront.net"
only = true

[{stage}.firewall]

"""
DOMAIN = """[{stage}.domain]
name = "{name}"
hosted_zone_id = "Z0123456789ABCDEFGHIJ"
hosted_zone_name = "example.com"

"""
INSECURE = re.compile(r"(?m)^insecure = true.*\n")
OPEN, CLOSED = "visitors = []", 'visitors = ["203.0.113.0/24"]'


def main() -> int:
    """Return 0 when both commits were promoted, and everybody was answered as the settings say; 1 when not."""
    argparse.ArgumentParser(prog="python -m tests.whole.front", description=__doc__).parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="floodgate-front-") as folder,
        rehearsing(Path(folder), {"[dev.task]": DOMAIN.format(stage="dev", name=DEV) + "[dev.task]"}) as repository,
    ):
        settings = repository.folder / "settings.toml"
        settings.write_text(INSECURE.sub("", settings.read_text()))
        prod = DOMAIN.format(stage="prod", name=PROD) + FRONT.format(stage="prod")
        repository.edit("settings.toml", "[prod.task]", f"{prod}[prod.task]")
        repository.edit("settings.toml", OPEN, CLOSED)
        repository.build_without_checks()
        faults = promoted(repository, "Dev is closed to strangers, prod is behind CloudFront")
        if not faults:
            repository.edit("settings.toml", CLOSED, OPEN)
            repository.edit("settings.toml", "[dev.task]", FRONT.format(stage="dev") + "[dev.task]")
            faults = promoted(repository, "Dev is behind CloudFront")
        if not faults:
            faults = [f"dev: {fault}" for fault in behind_cloudfront(repository, "dev", DEV)]
    print("\n".join(faults) or "both commits were promoted, and everybody was answered as the settings say")
    return 1 if faults else 0


def promoted(repository: Repository, commit: str) -> list[str]:
    """Rehearse a commit with prod behind CloudFront, and return what was not as it must be."""
    repository.commit(commit)
    outcome = repository.rehearse("run", approve="yes")
    if outcome.code != DONE:
        return [f"{commit}: not promoted"]
    return [
        *([] if "LoadTest" in outcome.text and "PASS" in outcome.text else [f"{commit}: no storm passed"]),
        *(f"{stage}: {fault}" for stage in ("dev", "prod") for fault in refused(outcome, stage)),
        *(f"prod: {fault}" for fault in behind_cloudfront(repository, "prod", PROD)),
    ]


def refused(outcome: Outcome, stage: str) -> Iterator[str]:
    """Yield what a stranger is given who asks the load balancer itself, and should not be."""
    port = int(outcome.site(stage).rpartition(":")[2]) + SECURE
    certificate = ssl.get_server_certificate(("127.0.0.1", port))
    visitor = Visitor("127.0.0.1", "localhost", certificate, secure_port=port)
    for headers in ({}, {"X-Floodgate-Front": "a guess"}, {"X-Floodgate-Storm": "a guess"}):
        if (status := visitor.ask("/", headers=headers).status) != 403:
            yield f"the load balancer answers a stranger {status} ({headers})"


def behind_cloudfront(repository: Repository, stage: str, name: str) -> Iterator[str]:
    """Yield what CloudFront's stand-in does otherwise than the site and the settings want."""
    [container] = docker(
        "ps",
        "--quiet",
        f"--filter=label=floodgate.checkout={repository.folder}",
        # The firewall has the address of the front that it stands before.
        "--filter=label=floodgate.role=firewall",
        f"--filter=name=-{stage}-front-",
    ).split()
    address = docker("port", container, "443/tcp").rpartition(":")[0]
    certificate = docker("exec", container, "openssl", "x509", "-in", "/etc/haproxy/listener.pem")
    visitor = Visitor(address, name, certificate)

    sent_on = visitor.ask("/", secure=False)
    home, again = visitor.ask("/"), visitor.ask("/")
    marked = visitor.ask("/", headers={"If-None-Match": home.headers.get("etag", "")})
    found = re.search(rb"https://[^/\"']+(/[^\"'<> ]+\.css\?ver=[^\"'&<> ]+)", home.body)
    style = found[1].decode() if found else ""
    files = [visitor.ask(style) for _ in range(2)] if style else []
    login = [visitor.ask("/wp-login.php") for _ in range(2)]
    looks: Mapping[str, bool] = {
        "plain HTTP is not sent on": (sent_on.status, sent_on.headers.get("location")) == (301, f"https://{name}/"),
        "the front page does not come": home.status == 200 and b"</html>" in home.body,
        "a page was kept, which says no-cache": again.headers["x-cache"] == "Miss from cloudfront",
        "a page's mark is not answered": marked.status == 304,
        "a file with a version is not kept": [each.headers["x-cache"] for each in files[1:]] == ["Hit from cloudfront"],
        "the login was kept": all(each.status == 200 and "Miss" in each.headers["x-cache"] for each in login),
        "it does not say that it is CloudFront": "(CloudFront)" in home.headers.get("via", ""),
        "what only dev has is in prod": stage != "prod" or visitor.ask("/floodgate/ledger").status != 200,
    }
    print(f"{stage} behind CloudFront: {len(looks)} looks, x-cache {home.headers['x-cache']}, kept {style}")
    yield from (what for what, well in looks.items() if not well)


if __name__ == "__main__":
    sys.exit(run("prove-front", main))
