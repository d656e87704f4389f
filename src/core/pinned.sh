#!/bin/sh
# pinned.sh install LOCK PACKAGE… | pinned.sh download LOCK PACKAGE…: packages of Debian, in the versions that LOCK has.
#
# install also brings the base image's own packages to them. Debian's mirrors keep the newest version alone: where LOCK
# names an older one, it comes from snapshot.debian.org, as of LOCK's day. Variables: WORDPRESS, the line of WordPress
# whose packages count; PINS, "locked", or "newest…" for what Debian has today (`make packages` writes LOCK from that).
# Exit 69: a package is not to be had in its version, or LOCK does not name it.
set -eu
verb=$1
lock=$2
shift 2
line=${WORDPRESS:-6.8}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

update() {
    apt-get update -qq -o Acquire::Retries=2 -o Acquire::http::Timeout=20
}

# Name and version of each package of this line, one each line.
locked() {
    awk -v line="$line" '!/^#/ && NF && ($3 == "" || $3 == line) { print $1, $2 }' "$lock"
}

# Names of the base image's packages that LOCK has in another version.
moved() {
    dpkg-query --show --showformat='${Package} ${Version}\n' | awk 'NR == FNR { wanted[$1] = $2; next }
        $1 in wanted && wanted[$1] != $2 { print $1 }' /tmp/locked -
}

# What would be there afterwards, of what LOCK has or this brings: name and version, one each line.
planned() {
    if [ "$verb" = download ]; then
        apt-cache policy "$@" | awk '/^[^ ]/ { name = $1; sub(/:$/, "", name) } $1 == "Candidate:" { print name, $2 }'
        return
    fi
    {
        dpkg-query --show --showformat='${Package} ${Version}\n' | awk 'NR == FNR { wanted[$1]; next } $1 in wanted' /tmp/locked -
        # shellcheck disable=SC2046 # names, one each word
        apt-get --simulate --allow-downgrades --no-install-recommends install "$@" $(moved) |
            awk '$1 == "Inst" { if (match($0, /\([^ )]+/)) print $2, substr($0, RSTART + 1, RLENGTH - 1) }'
    } | awk '{ version[$1] = $2 } END { for (name in version) print name, version[name] }'
}

# Those of them that LOCK has otherwise, or not at all.
strangers() {
    planned "$@" | sort | awk 'NR == FNR { wanted[$1] = $2; next }
        !($1 in wanted) { print $1, $2 ", which the lock does not name"; next }
        wanted[$1] != $2 { print $1, $2 " and not " wanted[$1] }' /tmp/locked -
}

add_snapshot() {
    moment=$(awk '$1 == "#" && $2 == "snapshot" { print $3 }' "$lock")
    next=
    if [ "$verb" = download ] && [ "$line" != 6.8 ]; then next=forky; fi
    for archive in "debian trixie trixie-updates $next" "debian-security trixie-security"; do
        printf 'Types: deb\nURIs: http://snapshot.debian.org/archive/%s/%s/\nSuites: %s\nComponents: main\nSigned-By: %s\nCheck-Valid-Until: no\n\n' \
            "${archive%% *}" "$moment" "${archive#* }" "$keyring"
    done >/etc/apt/sources.list.d/snapshot.sources
    echo "pinned: Debian's mirror has moved on; asking snapshot.debian.org for $moment"
    update || { rm /etc/apt/sources.list.d/snapshot.sources && update && return 1; }
}

case "${PINS:-locked}" in
newest*)
    : >/tmp/locked
    update
    ;;
*)
    locked >/tmp/locked
    awk '{ printf "Package: %s\nPin: version %s\nPin-Priority: 1001\n\n", $1, $2 }' /tmp/locked >/etc/apt/preferences.d/pinned
    update
    left=$(strangers "$@")
    if [ -n "$left" ] && add_snapshot; then left=$(strangers "$@"); fi
    # The registry's base image has this file. One that was made from a mirror, for want of a registry, has not: such a
    # machine has no snapshot to ask either, and goes on with what the mirror has.
    if [ -n "$left" ] && [ -e /etc/apt/apt.conf.d/docker-clean ]; then
        echo "pinned: not to be had as packages.lock has it; \`make packages\` writes it anew:" >&2
        echo "$left" | sed 's/^/pinned:   /' >&2
        exit 69
    fi
    if [ -n "$left" ]; then echo "$left" | sed 's/^/pinned: as the mirror has it: /'; fi
    ;;
esac

if [ "$verb" = download ]; then
    apt-get download -qq -o APT::Sandbox::User=root "$@"
    exit
fi
export DEBIAN_FRONTEND=noninteractive
# Where LOCK counts, moved() names what the base has otherwise.
if [ ! -s /tmp/locked ]; then apt-get dist-upgrade -y -qq >/dev/null; fi
# shellcheck disable=SC2046 # names, one each word
apt-get install -y -qq --no-install-recommends --allow-downgrades "$@" $(moved) >/dev/null
rm -f /tmp/locked /etc/apt/preferences.d/pinned /etc/apt/sources.list.d/snapshot.sources
