"""PHP's syntax, names and declared types, without PHP.

No analyser of PHP that may be used in a build is on PyPI, npm or in Debian, so this reads the syntax tree of
tree-sitter's grammar. What WordPress and PHP define lies in ``outside.json``, read out of the site's own image.
"""
