#!/bin/sh
# Installs a lock file into .venv, with hashes required and bytecode compiled.
#   requirements/install.sh requirements/all.txt
# Does nothing where .venv already holds exactly that lock, and stands where it was made. Exit 2: this machine lacks something; the message names it.
set -eu
lock=$1
python=${PYTHON:-python3}

fail() { printf 'setup: %s\n' "$1" >&2; exit 2; }

# The programs of a .venv begin with the path of its Python: in a checkout that was moved since, they do not start.
works() { [ -x .venv/bin/python ] && maker=$(sed -n '1s/^#!//p' .venv/bin/pip 2>/dev/null) && [ -x "$maker" ]; }

works && cmp -s "$lock" .venv/installed.txt && exit 0

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "Python 3.11 or newer is needed, and '$python' is not that. Install it (Debian: apt-get install python3), or name it: make setup PYTHON=/path/to/python3"

if ! works || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    echo "setup: making .venv"
    rm -rf .venv
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            echo "setup: Python's venv module comes from Debian's python3-venv"
            { apt-get update && apt-get install -y --no-install-recommends python3-venv; } >/dev/null 2>&1 || true
        fi
        "$python" -m venv .venv >/dev/null 2>&1 ||
            fail "'$python -m venv .venv' does not work. Install Python's venv module (Debian: apt-get install python3-venv) and run this again."
    fi
fi

rm -f .venv/installed.txt
echo "setup: Python packages of $lock (hashes required, bytecode compiled)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt ||
    fail "pip could not install requirements/bootstrap.txt: its lines above say why. Is PyPI, or the index that pip is set to, reachable?"
.venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes --compile-bytecode "$lock" ||
    fail "uv could not install $lock: its lines above say why. Is PyPI, or the index that uv is set to, reachable?"
cp "$lock" .venv/installed.txt
