#!/bin/sh
# git archive makes the same tar of a commit everywhere. A zip it does not: its times are the local ones of the machine, so that the same commit is another file in
# Tokyo than in Berlin, and another hash, and another object in a bucket. Of a tree instead of a commit (HEAD:src, say) both take the time of now: no two
# are the same. TZ=UTC settles the first.
# Exit 0: as described. Exit 1: another behaviour. Needs git (seen with 2.39.5).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME="$folder" GIT_AUTHOR_DATE='2026-12-01T10:00:00+01:00' GIT_COMMITTER_DATE='2026-12-01T10:00:00+01:00'
git init -q site
cd site
mkdir src
echo '<?php' >src/index.php
git add .
git -c user.name=somebody -c user.email=somebody@example.org commit -q -m 'a site'
git --version
same() {
    if cmp -s "$1" "$2"; then echo the same; else echo another; fi
}
for format in tar zip; do
    for zone in Europe/Berlin Asia/Tokyo; do
        TZ=$zone git archive --format="$format" -o "../${zone#*/}.$format" HEAD
        TZ=$zone git archive --format="$format" -o "../again.$format" HEAD
        echo "$format of a commit, again in ${zone#*/}: $(same "../${zone#*/}.$format" "../again.$format")"
    done
    echo "$format of a commit, in Berlin and Tokyo: $(same "../Berlin.$format" "../Tokyo.$format")"
    TZ=UTC git archive --format="$format" -o "../first.$format" HEAD:src
    sleep 2.1
    TZ=UTC git archive --format="$format" -o "../second.$format" HEAD:src
    echo "$format of a folder, two seconds later: $(same "../first.$format" "../second.$format")"
done | tee ../said
cat >../expected <<'SAID'
tar of a commit, again in Berlin: the same
tar of a commit, again in Tokyo: the same
tar of a commit, in Berlin and Tokyo: the same
tar of a folder, two seconds later: another
zip of a commit, again in Berlin: the same
zip of a commit, again in Tokyo: the same
zip of a commit, in Berlin and Tokyo: another
zip of a folder, two seconds later: another
SAID
cmp -s ../expected ../said
