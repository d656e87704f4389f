#!/bin/sh
# Has Chromium on this machine: Debian's package, installed where it is missing and that is possible.
# CHROMIUM names another one. Exit 2: there is none; the message says what to do.
set -eu

fail() { printf 'setup: %s\n' "$1" >&2; exit 2; }

if [ -n "${CHROMIUM:-}" ]; then
    command -v "$CHROMIUM" >/dev/null || fail "CHROMIUM names '$CHROMIUM', and there is no such program. Correct the variable, or unset it."
    exit 0
fi
command -v chromium >/dev/null && exit 0

advice="Install it (Debian: apt-get install chromium), or name another Chromium: make test CHROMIUM=/path/to/chrome"
command -v apt-get >/dev/null || fail "the browser tests need Chromium, and this system has no apt-get to install it with. $advice"
[ "$(id -u)" = 0 ] || fail "the browser tests need Chromium, and you are not root, so it cannot be installed for you. $advice"
echo "setup: installing Chromium from Debian's packages, for the browser tests"
{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } >/dev/null 2>&1 ||
    fail "apt-get could not install Chromium: run 'apt-get update && apt-get install chromium' to see why. $advice"
