"""What stands while a run lasts: images, database, an installed site; variants are started when first asked for."""

from __future__ import annotations

from bench.lab import Lab
from bench.progress import Progress
from bench.variants import BY_KEY, CONTENT, SITE, Running, images, install, start_database


class Stand:
    """The running variants of one laboratory."""

    def __init__(self, lab: Lab, progress: Progress) -> None:
        self.lab = lab
        self.progress = progress
        self._running: dict[str, Running] = {}

    def set_up(self) -> None:
        """Images, network, database, WordPress installed by the site's own step."""
        with self.progress.step("images from Debian's packages (minutes the first time, then from the build cache)"):
            images(self.lab)
        with self.progress.step("database and WordPress"):
            self.lab.make("network", "net")
            start_database(self.lab)
            self.lab.make("volume", CONTENT)
            install(self.lab, self.lab.name("net"), CONTENT, {})

    def get(self, key: str) -> Running:
        """A variant that serves."""
        if key not in self._running:
            variant = BY_KEY[key]
            files = {}
            if not variant.php:  # the page as a file
                site = self.get(SITE.key)
                files = {"page.html": site.fetch().body, "page.html.gz": site.fetch(gzip=True).body}
            running = Running(self.lab, variant, files)
            with self.progress.step(f"start: {variant.title}"):
                running.start()
            self._running[key] = running
        return self._running[key]
