"""A whole rehearsal of a site that is slow. It needs nothing that stands before it, so it runs beside the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.whole.repository import REHEARSAL_SECONDS, rehearsing


@pytest.mark.timeout(REHEARSAL_SECONDS)
def test_a_slow_site_fails_the_storm(tmp_path: Path) -> None:
    with rehearsing(tmp_path) as repository:
        guard = "defined('ABSPATH') || exit;"
        plugin = "src/wordpress/mu-plugins/floodgate.php"
        repository.edit(plugin, guard, f"{guard}\nif (PHP_SAPI !== 'cli') {{ usleep(1500000); }}")
        repository.edit("src/nginx/conf/page-in-cache.conf", "proxy_cache pages;", "proxy_cache off;")
        repository.build_without_checks()
        repository.commit("Every page takes a second and a half")
        outcome = repository.rehearse("run", approve="yes")
        assert outcome.stopped_at() == "Dev / LoadTest"
        assert "FAIL" in outcome.text
        assert "-prod-wordpress serves" not in outcome.text
