#!/bin/sh
# Lay out WordPress core from Debian's packages in the folder $1, and what dpkg should know of them in the folder $2.
#
# Debian's package depends on Apache and a MySQL client that neither image wants, so the packages are unpacked, not
# installed; apt still checks their signatures. Core links to libraries of other packages and to the CA bundle: the
# copy follows the links, so that the folder stands alone. Both images run this same step and share its cached layer.
set -eu
target=$1
packages=$2

apt-get update -qq
apt-get install -y -qq --no-install-recommends ca-certificates >/dev/null

work=$(mktemp -d)
chmod 755 "$work"
cd "$work"
apt-get download -qq -o APT::Sandbox::User=root \
    wordpress wordpress-theme-twentytwentyfive php-getid3 \
    libjs-cropper libjs-lodash libjs-underscore libjs-prototype libjs-scriptaculous
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
