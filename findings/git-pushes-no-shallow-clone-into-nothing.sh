#!/bin/sh
# A clone of depth 1 has one commit and all of its files, and since git 1.9 one can push from it. One would have guessed that an empty repository takes what it has: it refuses, "shallow update not allowed", since of a commit whose parents it does not know a repository wants to be
# told that it may be cut off there (receive.shallowUpdate, which is false). So the copy that continuous integration works in (actions/checkout fetches one commit unless told otherwise) cannot be pushed to a fresh mirror, a bare repository for a test, or
# a new remote, while a push from it to where it came from goes through. A bundle of it is worse: it is made, `git bundle verify` says that it "records a complete history", and whoever clones it is told that objects are missing.
# Exit 0: as described. Exit 1: another behaviour. Needs git (seen with 2.39.5).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME="$folder" GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
git init --quiet --bare --initial-branch=main origin.git
git init --quiet --initial-branch=main whole
for message in first second; do git -C whole commit --quiet --allow-empty --message="$message"; done
git -C whole push --quiet ../origin.git main
git clone --quiet --depth=1 "file://$folder/origin.git" shallow
git init --quiet --bare --initial-branch=main fresh.git
git -C shallow commit --quiet --allow-empty --message=third

ends() { code=0; "$@" >/dev/null 2>told || code=$?; echo "$code"; }
git --version
home=$(ends git -C shallow push origin HEAD:refs/heads/third)
fresh=$(ends git -C shallow push ../fresh.git main)
reason=$(sed -n 's/.*(\(.*\))$/\1/p' told | head -1)
bundle=$(ends git -C shallow bundle create ../shallow.bundle main)
verify=$(git -C fresh.git bundle verify ../shallow.bundle 2>&1 | grep -c "records a complete history" || true)
clone=$(ends git clone shallow.bundle cloned)
missing=$(tail -1 told)
git -C fresh.git config receive.shallowUpdate true
allowed=$(ends git -C shallow push ../fresh.git main)
echo "push to where it came from: $home; to an empty repository: $fresh ($reason), with receive.shallowUpdate: $allowed"
echo "bundle create: $bundle; complete, says bundle verify: $verify; clone of it: $clone ($missing)"
[ "$home $fresh $reason $allowed" = "0 1 shallow update not allowed 0" ] && [ "$bundle $verify $clone" = "0 1 128" ]
