"""An organiser in the dashboard, with a browser that knows no JavaScript: reads a screen's forms and submits them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import requests

from tests.site.inside import php, rows
from tests.site.task import Task
from tests.site.visitor import Editor


@dataclass
class Form:
    """A form as a browser would send it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Screen(HTMLParser):
    """A screen of the dashboard: its forms, its ids, and the links within it."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__()
        self.status = response.status_code
        self.url = response.url
        self.html = response.text
        self.forms: list[Form] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.focus: str | None = None
        self._select: str | None = None
        # The select whose value is the text of an option that has no other.
        self._option: str | None = None
        self._textarea: str | None = None
        self.feed(response.text)

    def form(self, name: str) -> Form:
        """Return the form that has an input or a button of this name."""
        return next(form for form in self.forms if name in form.fields or name in dict(form.buttons))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if attributes.get("id"):
            self.ids.append(str(attributes["id"]))
        if tag == "a" and attributes.get("href"):
            self.links.append(str(attributes["href"]))
        if "autofocus" in attributes:
            self.focus = attributes.get("id") or attributes.get("role")
        if tag == "form":
            self.forms.append(Form(attributes.get("action") or self.url, attributes.get("method") or "get"))
        elif self.forms:
            self._control(self.forms[-1], tag, attributes)

    def _control(self, form: Form, tag: str, attributes: dict[str, str | None]) -> None:
        name, value = attributes.get("name") or "", attributes.get("value") or ""
        match tag, attributes.get("type"):
            case "option", _ if self._select and ("selected" in attributes or self._select not in form.fields):
                form.fields[self._select] = value
                self._option = None if "value" in attributes else self._select
            case "select", _:
                self._select = name
            case "textarea", _:
                self._textarea = name
                form.fields[name] = ""
            case "button", _:
                form.buttons.append((name, value))
            case "input", "checkbox" | "radio":
                if "checked" in attributes and "disabled" not in attributes:
                    form.fields[name] = value
            case "input", kind if kind != "submit" and name:
                form.fields[name] = value

    def handle_data(self, data: str) -> None:
        if self._option is not None and self.forms:
            self.forms[-1].fields[self._option] = data
            self._option = None
        if self._textarea is not None and self.forms:
            # The line break after the tag is not part of the text.
            kept = self.forms[-1].fields[self._textarea]
            self.forms[-1].fields[self._textarea] = (kept + data).removeprefix("\n") if not kept else kept + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None


class Organiser:
    """Somebody who looks after registration."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.task: Task = editor.task

    def open(self, page: str = "floodgate", **query: str | int) -> Screen:
        """Open one of the screens."""
        return self.follow(f"{self.task.url}/wp-admin/admin.php?{urlencode({'page': page, **query})}")

    def courses(self) -> str:
        """Return the list of courses, all its pages one after the other."""
        page, html = 1, ""
        while "next-page button" in (shown := self.open(paged=page).html):
            page, html = page + 1, html + shown
        return html + shown

    def follow(self, url: str) -> Screen:
        """Follow a link."""
        return Screen(self.editor.get(url, timeout=60))

    def submit(self, form: Form, button: str = "", changes: Mapping[str, str | None] | None = None) -> Screen:
        """Send it, with some inputs changed; None leaves one out, as an unticked box does."""
        merged: dict[str, str | None] = {**form.fields, **(changes or {})}
        data = {name: value for name, value in merged.items() if value is not None}
        if button:
            data["do"] = button
        return Screen(self.editor.post(form.action, data=data, timeout=60))

    def add_course(self, button: str = "save", /, **changes: str | None) -> Screen:
        """Add a course that has been open for long, with what differs from that."""
        course = {"opens": "2020-01-01T10:00", "seats": "5", **changes}
        return self.submit(self.open("floodgate-course").form("title"), button, course)

    def course(self, title: str, fields: list[dict[str, str]] | None = None, **changes: str | None) -> Course:
        """Return a course that was added."""
        rows = {f"fields[{i}][{part}]": value for i, row in enumerate(fields or []) for part, value in row.items()}
        screen = self.add_course(title=title, **rows, **changes)
        assert "notice=added" in screen.url, screen.html
        return Course(int(screen.url.split("course=")[1].split("&")[0]), screen.form("title").fields["slug"])


@dataclass(frozen=True)
class Course:
    """Where to find a course."""

    id: int
    slug: str

    @property
    def path(self) -> str:
        return f"/register/{self.slug}/"


def value(task: Task, expression: str) -> Any:
    """Evaluate an expression with the plugin's classes, without WordPress."""
    return json.loads(php(task, f"echo json_encode({expression});"))


def wordpress(task: Task, code: str) -> Any:
    """Run code inside WordPress and return what it returns: ``code`` is a function's body."""
    host = task.url.removeprefix("http://")
    return json.loads(
        task.exec(
            *("wordpress", "php", "-r"),
            f"$_SERVER += ['HTTP_HOST' => '{host}', 'REQUEST_URI' => '/', 'SERVER_PROTOCOL' => 'HTTP/1.1'];"
            "define('WP_ADMIN', true); require '/var/www/wordpress/core/wp-load.php';"
            "require_once ABSPATH . 'wp-admin/includes/admin.php';"
            f"echo json_encode((function () {{ {code} }})());",
        )
    )


def query(task: Task, sql: str) -> list[str]:
    """Query rows of one column from the task's database."""
    return [row[0] for row in rows(task.host, sql)]
