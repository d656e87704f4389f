"""``make site``: the site from the working tree, where an edit of ``src/`` is seen in the next reload."""
