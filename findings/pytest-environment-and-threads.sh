#!/bin/sh
# A thread that starts a program while pytest runs tests may get OSError 14, "Bad address", with the name of a program that is there. pytest
# writes the name of each test and phase into os.environ (PYTEST_CURRENT_TEST), which moves the C library's list of variables; subprocess
# starts programs by vfork, so the child reads that list in the parent's own memory, where it is moved under its eyes. One would have guessed
# that a child has an environment of its own from the start. It has one if it is handed one: with env={**os.environ} it never happens.
# Exit 0: as described. Exit 1: another behaviour. Linux; needs PyPI; half a minute.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pytest==9.2.0
cat > "$folder/test_many.py" <<'PYTHON'
import os
import subprocess
import threading

import pytest

over, errors, runs = threading.Event(), [], []


def start():
    while not over.is_set():
        try:
            subprocess.run(["/bin/true"], env={**os.environ} if os.environ.get("COPY") else None, check=True)
        except OSError as error:
            errors.append(error.errno)
        runs.append(1)


@pytest.fixture(scope="session", autouse=True)
def starting():
    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    yield
    over.set()
    for thread in threads:
        thread.join()
    print(f"\n{len(runs)} programs, {len(errors)} errors, {sorted(set(errors))}")


@pytest.mark.parametrize("number", range(6000))
def test_nothing(number):
    pass
PYTHON
run() { (cd "$folder" && "$folder/venv/bin/python" -m pytest -q -s -p no:cacheprovider test_many.py | grep ' errors, '); }
"$folder/venv/bin/python" --version
"$folder/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep '^pytest '
seen=
for _ in 1 2 3 4 5 6 7 8; do
    line=$(run); echo "environment of the process: $line"
    case "$line" in *" 0 errors"*) ;; *"[14]"*) seen=yes; break ;; *) ;; esac
done
copied=$(COPY=1 run); echo "a copy of it: $copied"
[ "$seen" = yes ]
case "$copied" in *" 0 errors"*) ;; *) exit 1 ;; esac
