"""What stands while a run lasts: images, database, an installed site, variants; each is made when first asked for."""

from __future__ import annotations

from bench.common.images import EARLIER_IMAGES, build, build_earlier
from bench.common.lab import Lab
from bench.common.steps import Progress
from bench.site.variants import BY_KEY, CONTENT, DATABASE, NETWORK, SITE, Running, install, query, start_database


class Testbed:
    """The running variants of one laboratory."""

    def __init__(self, lab: Lab, progress: Progress, beside: str) -> None:
        self.lab = lab
        self.progress = progress
        # The commit of the earlier build.
        self.beside = beside
        self._built: set[str] = set()
        self._installed = False
        self.database = ""  # what it is, and its version
        self._running: dict[str, Running] = {}

    def images(self, *names: str) -> None:
        """Build images, from Debian's packages, that are not built yet."""
        for name in names:
            if name not in self._built:
                self.progress.say(f"image {name} …")
                if name.endswith(EARLIER_IMAGES):
                    build_earlier(self.lab, name, self.beside)
                else:
                    build(self.lab, name)
                self._built.add(name)

    def wordpress(self) -> None:
        """Make network, database, and WordPress installed by the site's own step."""
        if self._installed:
            return
        self.images("nginx", "wordpress", DATABASE, "load")
        self.progress.say("database and WordPress …")
        self.lab.make("network", NETWORK)
        start_database(self.lab)
        [[version]] = query(self.lab, "SELECT VERSION()", "mysql")
        self.database = version if "MariaDB" in version else f"MySQL {version}"
        self.lab.make("volume", CONTENT)
        install(self.lab, self.lab.name(NETWORK), CONTENT, {})
        self._installed = True

    def get(self, key: str) -> Running:
        """Return a variant that serves."""
        if key not in self._running:
            variant = BY_KEY[key]
            self.wordpress()
            self.images(*(container.image for container in variant.containers.values()))
            files = {}
            if not variant.php:  # the site's page as a file
                site = self.get(SITE.key)
                files = {"page.html": site.fetch().body, "page.html.gz": site.fetch(gzip=True).body}
            self.progress.say(f"start {variant.title} …")
            running = Running(self.lab, variant, files)
            running.start()
            self._running[key] = running
        return self._running[key]
