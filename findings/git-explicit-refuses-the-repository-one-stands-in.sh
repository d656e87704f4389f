#!/bin/sh
# safe.bareRepository=explicit keeps git from taking a folder for a bare repository just because one stands in it. One would have guessed that it is about strange folders in a clone: it holds for one's
# own, too. `git -C remote.git config …`, `git -C remote.git log` and a hook's command that has dropped git's variables to work elsewhere end with "cannot use bare repository", config with "not in a git directory"; `git init --bare` there has made it a moment before, `git push` and `git fetch`
# to and from it go on working, and with --git-dir, or GIT_DIR, as git sets it for hooks, each of them does. A tool that keeps a bare repository of its own works for everybody but who has that line.
# Exit 0: as described. Exit 1: another behaviour. Needs git (seen with 2.39.5).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME="$folder" GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
git config --global safe.bareRepository explicit
git init --quiet --initial-branch=main checkout
git -C checkout commit --quiet --allow-empty --message=first
git init --quiet --bare --initial-branch=main remote.git
mkdir -p remote.git/hooks
cat >remote.git/hooks/post-receive <<'HOOK'
#!/bin/sh
{
    git cat-file -t main
    unset $(git rev-parse --local-env-vars)
    git cat-file -t main 2>&1 | sed 's/ .*//'
} >said
HOOK
chmod +x remote.git/hooks/post-receive

ends() { code=0; "$@" >/dev/null 2>told || code=$?; echo "$code"; }
git --version
config=$(ends git -C remote.git config receive.denyNonFastForwards true)
reason=$(cat told)
explicit=$(ends git --git-dir=remote.git config receive.denyNonFastForwards true)
push=$(ends git -C checkout push ../remote.git main)
fetch=$(ends git -C checkout fetch ../remote.git main)
log=$(ends git -C remote.git log)
own_log=$(ends git --git-dir=remote.git log)
echo "git -C remote.git config: $config ($reason)"
echo "git --git-dir=remote.git config: $explicit; git push: $push; git fetch: $fetch; git -C remote.git log: $log, with --git-dir: $own_log"
echo "in the hook, with git's variables and without: $(paste -sd' ' remote.git/said)"
[ "$config $explicit $push $fetch $log $own_log" = "128 0 0 0 128 0" ] && [ "$(paste -sd' ' remote.git/said)" = "commit fatal:" ]
