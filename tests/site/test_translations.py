"""Every text of the site can be translated, is translated, and is shown so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.organiser import Organiser, query
from tests.site.task import Host, Task, eventually
from tests.site.translations.files import LANGUAGES, wanted
from tests.site.visitor import Editor, Form, make_storm, marker


def test_the_files_say_what_the_code_says(host: Host) -> None:
    should_be = wanted(host)
    assert should_be.mistakes == []
    assert should_be.stale() == [], "`make translations` writes them anew"
    assert sorted(should_be.files) == ["floodgate-de_DE.l10n.php", "floodgate-de_DE.po", "floodgate.pot"]


def test_what_is_missing_or_wrong_is_found(host: Host, tmp_path: Path) -> None:
    code, languages = tmp_path / "code", tmp_path / "languages"
    shutil.copytree(LANGUAGES, languages)
    code.mkdir()
    (code / "new.php").write_text(
        """<?php
        /* translators: %s: a person */
        echo sprintf(esc_html__('Hello, %s', 'floodgate'), $name), Text::t("It's \\"new\\"");
        echo Text::n('%s day', '%s days', $n);
        __('Theirs', 'another'); __($text, 'floodgate'); _e('No domain'); $this->__('Not a text', 'another');
        """
    )
    (languages / "floodgate-de_DE.po").write_text(
        (LANGUAGES / "floodgate-de_DE.po").read_text()
        + '\nmsgid "Hello, %s"\nmsgstr "Hallo"\n\n#, fuzzy\nmsgid "It\'s \\"new\\""\nmsgstr "Neu"\n'
    )
    should_be = wanted(host, code, languages)
    assert should_be.mistakes == [
        'new.php:5: the text domain is "another"; it must be "floodgate"',
        "new.php:5: __() needs its texts, and the domain, written out",
        "new.php:5: _e() needs its texts, and the domain, written out",
        'floodgate-de_DE.po: other placeholders than in "Hello, %s": "Hallo"',
        'floodgate-de_DE.po: not translated: "It\'s "new""',
        'floodgate-de_DE.po: not translated: "%s day"',
    ]
    assert "floodgate.pot" in should_be.stale(languages)
    assert (
        '#. translators: %s: a person\n#: new.php\n#, php-format\nmsgid "Hello, %s"' in should_be.files["floodgate.pot"]
    )


@pytest.fixture
def in_austria(task: Task) -> Iterator[None]:
    """German as it is spoken where there is no file of its own."""
    option = "REPLACE INTO wp_options (option_name, option_value, autoload) VALUES ('WPLANG', '{}', 'on')"
    query(task, option.format("de_AT"))
    yield
    query(task, option.format(""))


@pytest.mark.usefixtures("in_austria")
def test_the_site_speaks_german(task: Task, editor: Editor) -> None:
    storm = make_storm(task, 1)
    eventually(lambda: "Sichern Sie sich Ihren Platz" in task.get(storm.path).text)
    # The lean path, which loads no WordPress.
    form = Form.on(task, storm.path)
    assert "Ihr Bestätigungscode" in form.send("ada@example.org").text
    late = form.send("late@example.org")
    assert marker(late.text, "state") == "sold-out"
    assert "Der eine Platz dieses Kurses ist vergeben." in late.text
    listed = Organiser(editor).courses()
    assert "Kurs hinzufügen" in listed
    assert "Vergebene Plätze" in listed
