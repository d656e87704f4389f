#!/bin/sh
# opcache.file_cache keeps compiled scripts in files, which an image could bring along, so that a new container has nothing to compile. A container
# with a read-only root has no use of them: the folder must be one that PHP can write to, even where everything is in it already. Where it is not,
# PHP compiles as ever and says so only from opcache.log_verbosity_level 2 on, where 1 is the default; ini_get() names the folder all the same, and
# opcache_get_configuration() alone has nothing there.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages and root, which may write everywhere and so becomes somebody else
# (seen with PHP 8.2 of bookworm).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
version=$(apt-cache depends --important php-cli | sed -n 's/.*Depends: php\([0-9.]*\)-cli/\1/p')
apt-get download -qq "php$version-cli" "php$version-opcache" libargon2-1 libsodium23 libxml2 >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$folder/$(dirname "$(find root -name 'libsodium.so.*' | head -1)")
export LD_LIBRARY_PATH
opcache=$folder/$(find root -name opcache.so)
echo '<?php return 1;' > page.php
cat > asks.php <<'PHP'
<?php
require __DIR__ . '/page.php';
$used = opcache_get_status()['file_cache'] ?? 'none';
$configured = opcache_get_configuration()['directives']['opcache.file_cache'] ?: 'none';
foreach (['by ini_get' => ini_get('opcache.file_cache'), 'configured' => $configured, 'used' => $used] as $what => $where) {
    echo "$what: ", basename($where), '; ';
}
PHP
chmod 644 ./*.php
touch -d 'a minute ago' ./*.php # younger ones it does not keep
mkdir -m 777 cache
run() {
    setpriv --reuid=65534 --regid=65534 --clear-groups "root/usr/bin/php$version" -n -d zend_extension="$opcache" -d opcache.enable_cli=1 \
        -d opcache.file_cache="$folder/cache" "$@" asks.php 2>>said
}
: > said
writable=$(run)
files=$(find cache -name '*.bin' | wc -l)
chmod 555 cache
read_only=$(run)
quiet=$(cat said)
run -d opcache.log_verbosity_level=2 >/dev/null
echo "PHP $version, $files compiled files; a folder to write to: $writable one to read: $read_only said at level 1: ${quiet:-nothing}; at level 2: $(sed 's/.*Warning //' said)"
[ "$files" = 2 ]
[ "$writable" = 'by ini_get: cache; configured: cache; used: cache; ' ]
[ "$read_only" = 'by ini_get: cache; configured: none; used: none; ' ]
[ -z "$quiet" ]
grep -q 'must be a full path of accessible directory' said
