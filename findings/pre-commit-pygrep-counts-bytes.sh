#!/bin/sh
# pre-commit's pygrep hooks match bytes: [^\n]{1,72} holds 72 bytes, and refuses a subject of 40 characters that are two bytes each.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pre-commit==4.7.0 2>/dev/null
"$folder/venv/bin/pre-commit" --version
cd "$folder"
git init --quiet repository && cd repository
cat > .pre-commit-config.yaml <<'C'
repos:
  - repo: local
    hooks:
      - { id: subject, name: subject, language: pygrep, entry: '\A[^\n]{1,72}\n', args: [--negate, --multiline], stages: [commit-msg] }
C
python3 -c 'open("ascii", "w").write("a" * 40 + "\n"); open("umlauts", "w", encoding="utf-8").write("\u00e4" * 40 + "\n")'
for message in ascii umlauts; do
    code=0
    "$folder/venv/bin/pre-commit" run --hook-stage commit-msg --commit-msg-filename "$message" || code=$?
    echo "40 characters, $message: exit $code"
    codes="${codes:-}$code"
done
[ "$codes" = 01 ]
