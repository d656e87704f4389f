"""What code in the site's image may name: read out of the image, kept in ``lint/php/outside.json``."""
