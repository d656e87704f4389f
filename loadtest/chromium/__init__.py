"""A few of the people as real browsers: Chromium, driven by Playwright, in a process of its own."""
