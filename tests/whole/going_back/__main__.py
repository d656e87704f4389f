"""``make prove-going-back``: prod stands, a plugin on its volume fails with the next commit, and prod serves on."""

from __future__ import annotations

from terminal.interruption import importing

with importing("prove-going-back", __name__):
    import argparse
    import sys
    import tempfile
    import threading
    import time
    from collections import Counter
    from dataclasses import dataclass, field
    from email import message_from_bytes
    from email.policy import default
    from pathlib import Path
    from typing import Self

    import requests

    from rehearsal.fargate.stand.topic_messages import messages
    from rehearsal.values.exits import DONE
    from terminal.standard_streams import run
    from tests.rehearsal.fargate.conftest import docker
    from tests.whole.repository import Repository, rehearsing, served_commit

OPERATOR = "operator@example.org"
EVERY = 0.25  # seconds between two looks of the probe
PATIENCE = 10.0
# Written by PHP itself, with the site's rights; the plugin is well with one commit, and fails with any other.
ACTIVATE = """
$_SERVER += ['HTTP_HOST' => 'localhost', 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET'];
require '/var/www/wordpress/core/wp-load.php';
@mkdir('/var/www/content/plugins/caller');
file_put_contents('/var/www/content/plugins/caller/caller.php', "<?php\\n/* Plugin Name: Caller */\\nadd_action('%s', "
    . "static function () { if (getenv('FLOODGATE_COMMIT') !== '%s') { %s } });\\n");
file_put_contents('/var/www/content/.floodgate-code', bin2hex(random_bytes(8)));
update_option('active_plugins', ['caller/caller.php']);
"""


@dataclass(frozen=True)
class Case:
    """A way to fail with a new commit, and the action at which the pipeline must stop."""

    name: str
    hook: str
    code: str
    stops_at: str


CASES = (
    Case("fatal at init", "init", "floodgate_taken_away();", "Prod / floodgate-prod-wordpress.Deploy"),
    # Long enough for a page, also compressed, and none of the site's: only the smoke test sees that.
    Case(
        "a page that is not the site's",
        "template_redirect",
        "foreach (range(1, 99) as \\$n) { echo md5((string) \\$n), ' '; } exit;",
        "Prod / SmokeTest",
    ),
)


@dataclass
class Probe:
    """Somebody who looks at the front page and at the course's page all the time."""

    site: str
    answers: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    longest: float = 0.0

    def __enter__(self) -> Self:
        """Begin."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            for path in ("/", "/register/spring-course/", "/wp-login.php"):
                began = time.monotonic()
                try:
                    answer = requests.get(self.site + path, timeout=PATIENCE)
                    what = str(answer.status_code)
                except requests.RequestException as error:
                    what = type(error).__name__
                self.longest = max(self.longest, time.monotonic() - began)
                self.answers[f"{path} {what}"] += 1
                if what != "200":
                    self.failed.append(f"{path} {what}")


def main() -> int:
    """Return 0 when prod served the commit before through all of it, and all was told; 1 when not."""
    parser = argparse.ArgumentParser(prog="make prove-going-back", description=__doc__)
    parser.add_argument("--only", choices=[case.stops_at.rpartition("/")[2].strip() for case in CASES])
    only = parser.parse_args().only
    settings = {"notify = []": f'notify = ["{OPERATOR}"]'}
    with (
        tempfile.TemporaryDirectory(prefix="floodgate-going-back-") as folder,
        rehearsing(Path(folder), settings) as repository,
    ):
        repository.build_without_checks()
        first = repository.commit("Synthesis alone")
        promoted = repository.rehearse("run", approve="yes")
        if promoted.code != DONE:
            print("the first commit was not promoted", file=sys.stderr)
            return 1
        prod = promoted.site("prod")
        faults = [
            f"{case.name}: {fault}"
            for case in CASES
            if only is None or case.stops_at.endswith(only)
            for fault in prove(repository, prod, first, case)
        ]
    print("\n".join(faults) or "prod served the commit before through all of it")
    return 1 if faults else 0


def prove(repository: Repository, prod: str, first: str, case: Case) -> list[str]:
    """Fail in one way, and return what was not as it must be."""
    before = len(messages(repository.folder / ".rehearsal"))
    [php] = docker(
        "ps",
        "--quiet",
        f"--filter=label=floodgate.checkout={repository.folder}",
        "--filter=label=floodgate.container=wordpress",
        "--filter=name=-prod-wordpress-",
    ).split()[:1]
    docker("exec", php, "php", "-r", ACTIVATE % (case.hook, first, case.code))
    (repository.folder / "src" / "wordpress" / "mu-plugins" / "next.php").write_text(f"<?php\n// {case.name}\n")
    repository.commit(case.name)
    began = time.monotonic()
    with Probe(prod) as probe:
        outcome = repository.rehearse("run", approve="yes")
    sent = [
        message_from_bytes(each.read_bytes(), policy=default)
        for each in messages(repository.folder / ".rehearsal")[before:]
    ]
    texts = [str(each.get_content()) for each in sent if each["To"] == OPERATOR]
    looks = sum(probe.answers.values())
    print(
        f"{case.name}: {time.monotonic() - began:.0f} s, {looks} looks, {len(probe.failed)} failed, the longest "
        f"{probe.longest:.2f} s; {dict(probe.answers)}; {len(texts)} messages"
    )
    stopped, wanted = outcome.stopped_at(), ("has failed: the commit goes no further", "was rolled back")
    return [
        *([] if stopped == case.stops_at else [f"it stopped at {stopped}"]),
        *([] if served_commit(prod) == first else [f"prod serves {served_commit(prod)}"]),
        *(f"nobody was told that it {words}" for words in wanted if not any(words in text for text in texts)),
        *(f"{number} times {answer}" for answer, number in Counter(probe.failed).items()),
    ]


if __name__ == "__main__":
    sys.exit(run("prove-going-back", main))
