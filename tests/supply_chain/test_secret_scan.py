"""A secret in a file of the commit fails; what is allowed is allowed by its value, with a reason."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Collection
from pathlib import Path

import pytest
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import default_settings

from supply_chain import secret_scan
from supply_chain.__main__ import main

# Put together here, so that this file holds none: AWS's own example of a key, one that GitHub would refuse, a word.
AWS_KEY = "AKIA" + "IOSFODNN7EXAMPLE"
GITHUB_TOKEN = "ghp" + "_" + "0123456789abcdefABCDEF0123456789abcd"
PRIVATE_KEY = "-----BEGIN RSA " + "PRIVATE KEY-----"
PHRASE = "correct" + "-horse-battery"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A commit's files as a build gets them, without history, beside what a build makes."""
    folder = tmp_path / "source"
    (folder / ".venv").mkdir(parents=True)
    (folder / ".venv/made.py").write_text(f'key = "{AWS_KEY}"\n')
    (folder / ".gitignore").write_text(".venv\n.cache\n")
    (folder / "app.py").write_text('name = "event site"\n')
    (tmp_path / "allowed.toml").write_text("")
    return folder


def check(source: Path) -> int:
    return main(["secrets", "--root", str(source), "--allowed", str(source.parent / "allowed.toml")])


def allow(source: Path, value: str) -> None:
    sha1 = hashlib.sha1(value.encode()).hexdigest()
    (source.parent / "allowed.toml").write_text(f'[[secret]]\nsha1 = "{sha1}"\nreason = "opens nothing"\n')


def test_commit_without_secrets_passes(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(source) == 0
    assert capsys.readouterr().out == "no secret in 2 files; 0 look-alikes are allowed\n"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(f'key = "{AWS_KEY}"', "AWS Access Key", id="a key of AWS"),
        pytest.param(f"token: {GITHUB_TOKEN}", "GitHub Token", id="a token of GitHub"),
        pytest.param(PRIVATE_KEY, "Private Key", id="a private key"),
        pytest.param(f'password = "{PHRASE}"', "Secret Keyword", id="a password"),
        pytest.param(f'key = "{AWS_KEY}"  # pragma: allowlist secret', "AWS Access Key", id="allowed by a comment"),
    ],
)
def test_secret_fails_and_is_not_printed(
    content: str, kind: str, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (source / "settings.py").write_text(f"# settings\n{content}\n")
    assert check(source) == 1
    output = capsys.readouterr()
    assert f"supply_chain: settings.py:2: looks like a secret ({kind}, " in output.err
    assert not any(value in output.out + output.err for value in (AWS_KEY, GITHUB_TOKEN, PHRASE))


# One for each way in which detect-secrets looks at a line; put together here as well.
LINES = [
    f'key = "{AWS_KEY}"',
    f"token: {GITHUB_TOKEN}",
    PRIVATE_KEY,
    f'password = "{PHRASE}"',
    "https://" + "somebody:" + f"{PHRASE}@example.org/",
    'mixed = "' + hashlib.sha256(b"one").hexdigest() + '"',
    "plain = '" + base64.b64encode(hashlib.sha512(b"two").digest()).decode() + "'",
    "web = eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.4pcPyMD09olPSyXnrXCjTwXyr4BsezdI1AVTmud2fU4",
    "callback = https://hooks." + "slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    "host = 8.8." + "8.8",
    f'password = request.headers["{PHRASE}"]',
    'name = "event site"',
    "",
]


@pytest.mark.parametrize("name", ["settings.py", "settings.yaml", "settings.ini", "settings.sh", "settings"])
def test_finds_what_the_library_finds_by_itself(name: str, source: Path) -> None:
    """The filter that leaves lines out leaves out none that a detector sees something in."""
    (source / name).write_text("\n".join(f"# {n}\n{line}" for n, line in enumerate(LINES)))
    library = SecretsCollection(root=str(source))
    with default_settings() as settings:
        settings.disable_filters("detect_secrets.filters.allowlist.is_line_allowlisted")
        library.scan_file(name)
    found = {(each.line, each.kind, each.sha1) for each in secret_scan.find(source, [name])}
    assert found == {(each.line_number, each.type, each.secret_hash) for _, each in library}
    assert len({kind for _, kind, _ in found}) >= 6


def test_allowed_value_passes_wherever_it_is_and_another_does_not(
    source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one.py", "two.py"):
        (source / name).write_text(f'key = "{AWS_KEY}"\n')
    allow(source, AWS_KEY)
    assert check(source) == 0
    (source / "two.py").write_text(f'key = "{AWS_KEY[:-1]}A"\n')
    assert check(source) == 1
    assert "two.py:1: " in capsys.readouterr().err


def test_allowance_of_nothing_is_refused(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    allow(source, AWS_KEY)
    assert check(source) == 1
    assert "allows nothing any more" in capsys.readouterr().err


def test_work_tree_is_looked_at_as_it_will_be_committed(source: Path) -> None:
    for words in (("init", "--quiet"), ("add", "app.py")):
        subprocess.run(["git", *words], cwd=source, check=True)
    (source / "new.py").write_text("")
    assert secret_scan.files(source) == [".gitignore", "app.py", "new.py"]


def test_what_was_found_is_remembered_by_content_and_name(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second look finds the same; a changed file is looked at again; a memory that cannot be read is none."""
    (source / "settings.py").write_text(f'key = "{AWS_KEY}"\n')
    memory = source / ".cache/secret-scan.json"
    assert check(source) == 1
    first = capsys.readouterr().err
    assert AWS_KEY not in memory.read_text()
    assert check(source) == 1
    assert capsys.readouterr().err == first
    memory.write_text("[]")
    assert check(source) == 1
    assert capsys.readouterr().err == first
    (source / "settings.py").write_text("key = None\n")
    (source / "other.py").write_text(f'key = "{AWS_KEY}"\n')
    assert check(source) == 1
    assert "other.py:1: " in capsys.readouterr().err


def test_a_file_that_has_not_changed_is_not_looked_at_again(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names, memory = ["app.py"], source / ".cache/secret-scan.json"
    secret_scan.find(source, names, memory)
    looked: list[str] = []

    def noted(_: Path, names: Collection[str]) -> list[secret_scan.Finding]:
        looked.extend(names)
        return []

    monkeypatch.setattr(secret_scan, "_scan", noted)
    assert secret_scan.find(source, names, memory) == []
    assert looked == []
    (source / "app.py").write_text('name = "another"\n')
    secret_scan.find(source, names, memory)
    assert looked == ["app.py"]


def test_a_memory_that_cannot_be_written_changes_no_verdict(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (source / ".cache").write_text("no folder")
    assert check(source) == 0
    (source / "settings.py").write_text(f'key = "{AWS_KEY}"\n')
    assert check(source) == 1
    assert "settings.py:1: " in capsys.readouterr().err
