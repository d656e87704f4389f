"""``git push`` to the rehearsal, by git itself: what a pusher is told, and that a remote of somebody else's is left."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rehearsal import git_remote, receive
from rehearsal.values import commit
from rehearsal.values.exits import Refused

BRANCH, COMMIT = "main", "c0ffee" * 6


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / 'a "checkout": mine'
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=First")
    return folder


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=N", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout + done.stderr


def made(checkout: Path, name: str = "rehearsal") -> str:
    return git_remote.make(checkout, checkout / ".rehearsal", name)


@pytest.mark.parametrize(
    ("new", "reference", "still", "reason"),
    [
        pytest.param(COMMIT, "refs/heads/main", "", None, id="the branch that is followed"),
        pytest.param(
            COMMIT, "refs/heads/main", "it does not look", "it does not look", id="a source that does not look"
        ),
        pytest.param(COMMIT, "refs/heads/calm", "", "calm starts nothing", id="another branch"),
        pytest.param(COMMIT, "refs/heads/main/x", "", "main/x starts nothing", id="a branch below its name"),
        pytest.param(COMMIT, "refs/tags/v1", "", "a tag starts nothing", id="a tag"),
        pytest.param(COMMIT, "refs/notes/x", "", "refs/notes/x starts nothing", id="a note"),
        pytest.param("0" * 40, "refs/heads/main", "", "refs/heads/main is deleted", id="a deletion"),
    ],
)
def test_only_the_branch_that_the_pipeline_follows_starts_it(
    new: str, reference: str, still: str, reason: str | None
) -> None:
    answer = receive.why_not(new, reference, BRANCH, still)
    assert (answer is None) if reason is None else (answer or "").startswith(reason) or reason in (answer or "")


def test_git_tells_the_pusher_why_nothing_runs(checkout: Path) -> None:
    assert "git push rehearsal main" in made(checkout)
    git(checkout, "tag", "v1")
    answer = git(checkout, "push", "rehearsal", "v1", "HEAD:refs/heads/calm")
    assert "remote: a tag starts nothing: the pipeline follows the branch main. To take it through: git push" in answer
    assert "remote: calm starts nothing" in answer
    assert not list((checkout / ".rehearsal").glob("pushes/*.log"))


def test_the_branch_that_is_followed_may_go_and_come_back(checkout: Path) -> None:
    made(checkout)
    git(checkout / ".rehearsal/remote.git", "fetch", "--quiet", str(checkout), "main:main")
    answer = git(checkout, "push", "rehearsal", ":main")
    (line,) = [line.strip() for line in answer.splitlines() if "remote:" in line]
    assert line.startswith("remote: refs/heads/main is deleted here: nothing runs, and what stands stays.")
    assert line.endswith("To take main through again: git push rehearsal main")


def test_a_commit_that_is_checked_out_by_itself_is_on_no_branch(checkout: Path) -> None:
    assert commit.head(checkout).introduction.endswith(" First (branch main)")
    git(checkout, "checkout", "--quiet", "--detach")
    assert commit.head(checkout).introduction.endswith(" First (on no branch)")


def test_what_does_not_run_is_said_last(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An undecided ``APPROVE`` is refused by the run that the push starts."""
    made(checkout)
    monkeypatch.setenv("APPROVE", "perhaps")
    answer = [line.strip() for line in git(checkout, "push", "rehearsal", "main").splitlines() if "remote:" in line]
    assert answer[-2].startswith("remote: rehearsal: APPROVE=perhaps")
    assert answer[-1].startswith("remote: ✘ FAILED:")


def test_a_commit_that_the_checkout_lacks_is_found_where_it_was_pushed(checkout: Path, tmp_path: Path) -> None:
    made(checkout)
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", str(checkout), str(other))
    git(other, "commit", "--quiet", "--allow-empty", "--message=Elsewhere")
    git(other, "push", "--quiet", str(checkout / ".rehearsal/remote.git"), "HEAD:refs/heads/calm")
    pushed = git(other, "rev-parse", "HEAD").strip()
    assert commit.named(checkout, pushed).subject == "Elsewhere"
    commit.export(checkout, pushed, tmp_path / "files")


def test_hooks_of_the_persons_own_do_not_stand_in_the_way(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "post-receive").write_text("#!/bin/sh\necho nonsense\n")
    (hooks / "post-receive").chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\thooksPath = {hooks}\n[init]\n\ttemplateDir = {tmp_path}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    made(checkout)
    answer = git(checkout, "push", "rehearsal", "HEAD:refs/heads/calm")
    assert "calm starts nothing" in answer
    assert "nonsense" not in answer


def test_a_remote_is_made_where_a_bare_repository_has_to_be_named(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text("[safe]\n\tbareRepository = explicit\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    made(checkout)
    assert "calm starts nothing" in git(checkout, "push", "rehearsal", "HEAD:refs/heads/calm")


def test_a_checkout_of_the_last_commit_alone_is_pushed(checkout: Path, tmp_path: Path) -> None:
    git(checkout, "commit", "--quiet", "--allow-empty", "--message=Second")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", checkout.as_uri(), str(shallow))
    made(shallow)
    assert "calm starts nothing" in git(shallow, "push", "rehearsal", "HEAD:refs/heads/calm")
    commit.export(shallow, commit.head(shallow).identity, tmp_path / "files")


def test_a_commit_is_read_whatever_letters_git_is_told_to_write(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text("[i18n]\n\tlogOutputEncoding = ISO-8859-1\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    git(checkout, "commit", "--quiet", "--allow-empty", "--message=Töpfern", "--author=Käthe <k@example.com>")
    head = commit.head(checkout)
    assert (head.subject, head.author) == ("Töpfern", "Käthe")


def test_files_are_exported_with_the_rights_that_a_checkout_has(checkout: Path, tmp_path: Path) -> None:
    for name, rights in (("page", 0o644), ("program", 0o755)):
        (checkout / name).write_text(name)
        (checkout / name).chmod(rights)
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "--message=Files")
    commit.export(checkout, "HEAD", tmp_path / "files")
    exported = {each.name: oct(each.stat().st_mode & 0o777) for each in (tmp_path / "files").iterdir()}
    assert exported == {"page": "0o644", "program": "0o755"}


def test_a_remote_that_is_not_ours_is_left_as_it_is(checkout: Path) -> None:
    git(checkout, "remote", "add", "rehearsal", "https://example.com/rehearsal.git")
    with pytest.raises(Refused, match=r"example\.com/rehearsal\.git, which is left as it is.*REMOTE="):
        made(checkout)
    assert not (checkout / ".rehearsal").exists()
    made(checkout, "second")
    made(checkout, "second")
    assert git_remote.remove(checkout, checkout / ".rehearsal") == ["second"]
    assert git(checkout, "remote", "get-url", "rehearsal").strip() == "https://example.com/rehearsal.git"


def test_where_there_is_no_git_nothing_is_removed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert git_remote.remove(checkout, checkout / ".rehearsal") == []
    with pytest.raises(Refused, match="git is missing"):
        made(checkout)
