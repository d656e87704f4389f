#!/bin/sh
# Lay out WordPress core from Debian's packages in the folder $1, and what dpkg should know of them in the folder $2.
# $3 is the line of WordPress: 6.8, this suite's own, or 7.1 of Debian's next, with what it links to from there.
#
# Debian's package depends on Apache and a MySQL client that neither image wants, so the packages are unpacked, not
# installed; apt still checks their signatures. Core links to libraries of other packages and to the CA bundle: the
# copy follows the links, so that the folder stands alone. Both images run this same step and share its cached layer.
set -eu
target=$1
packages=$2
line=$3

pinned=/usr/share/floodgate/pinned.sh
lock=/usr/share/floodgate/packages.lock
sh "$pinned" install "$lock" ca-certificates

set -- wordpress wordpress-theme-twentytwentyfive php-getid3 \
    libjs-cropper libjs-lodash libjs-underscore libjs-prototype libjs-scriptaculous
case "$line" in
6.8) ;;
7.1)
    set -- "$@" libphp-phpmailer libjs-jquery libjs-jquery-ui
    # Signed as every suite of Debian's; a mirror that lags may hold a list that is past its date.
    cat >/etc/apt/sources.list.d/next.sources <<'SOURCES'
Types: deb
URIs: http://deb.debian.org/debian
Suites: forky
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
Check-Valid-Until: no
SOURCES
    printf 'APT::Default-Release "forky";\n' >/etc/apt/apt.conf.d/90next
    ;;
*)
    echo "fetch-wordpress: no line $line of WordPress; there are 6.8 and 7.1" >&2
    exit 64
    ;;
esac
# Another line of WordPress is another site: it comes by a setting, not by itself.
for release in "version $line.*:1001" "release *:-1"; do
    printf 'Package: wordpress wordpress-theme-twentytwentyfive\nPin: %s\nPin-Priority: %s\n\n' \
        "${release%:*}" "${release##*:}"
done >/etc/apt/preferences.d/wordpress

work=$(mktemp -d)
chmod 755 "$work"
cd "$work"
sh "$pinned" download "$lock" "$@"
# What else this image needs comes from the base's own suite.
rm -f /etc/apt/sources.list.d/next.sources /etc/apt/apt.conf.d/90next /etc/apt/preferences.d/wordpress
# What is unpacked and not installed, dpkg does not know: scanners look for it in status.d, one file for each package.
mkdir -p "$packages"
for package in *.deb; do
    dpkg -x "$package" unpacked
    dpkg-deb --field "$package" > "$packages/$(dpkg-deb --field "$package" Package)"
done

cd unpacked/usr/share/wordpress
# Apache's rules, Debian's own configuration (it would win over ours), and files that tell a stranger the version.
rm -f .htaccess wp-config.php wp-config-sample.php readme.html license.txt
# The web installer, the updater and XML-RPC are not part of this site: what is not there cannot be reached.
rm -f wp-admin/install.php wp-admin/setup-config.php wp-admin/maint/repair.php xmlrpc.php
# The legible twins of the editor's compressed scripts (18 MB) are for SCRIPT_DEBUG alone.
find wp-includes/js/dist -name '*.min.js' | while read -r script; do
    rm -f "${script%.min.js}.js"
done
mkdir -p "$target"
cp -aL . "$target"
# The bundled theme lives under its own name: /wp-content belongs to the volume.
mv "$target/wp-content/themes" "$target/bundled-themes"
rm -r "$target/wp-content"
test -s "$target/wp-includes/certificates/ca-bundle.crt"
test -s "$target/bundled-themes/twentytwentyfive/style.css"

cd /
rm -rf "$work" /var/lib/apt/lists/*
