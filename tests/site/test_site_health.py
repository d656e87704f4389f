"""What the dashboard says of the site's own state, and what it offers: nothing that is not so."""

from __future__ import annotations

import json

import pytest

from tests.site.organiser import wordpress
from tests.site.task import Task, eventually
from tests.site.visitor import Editor

FRAME = '<iframe src="https://video.example/embed/1"></iframe>'
SCRIPT = '<blockquote>Said</blockquote><script async src="https://platform.example/widgets.js"></script>'


@pytest.fixture(scope="module")
def nonce(editor: Editor) -> str:
    return editor.nonce("/wp-admin/post-new.php", r'createNonceMiddleware\(\s*"(\w+)"')


@pytest.mark.parametrize("test", ["page-cache", "loopback-requests"])
def test_site_health_finds_no_fault_that_is_none(editor: Editor, task: Task, nonce: str, test: str) -> None:
    """The site's own address, a port of the machine outside, cannot be reached from within the task."""
    address = f"{task.url}/wp-json/wp-site-health/v1/tests/{test}"
    answer = editor.get(address, headers={"X-WP-Nonce": nonce}, timeout=60).json()
    assert answer["status"] == "good", json.dumps(answer)


@pytest.mark.parametrize(
    ("html", "kept"),
    [pytest.param(FRAME, True, id="frame"), pytest.param(SCRIPT, False, id="script of theirs")],
)
def test_what_others_embed_is_shown_or_refused(task: Task, html: str, kept: bool) -> None:
    code = f"""
        $data = (object) ['type' => 'rich', 'html' => {json.dumps(html)}, 'title' => 'x', 'width' => 1, 'height' => 1];
        $shown = (new WP_oEmbed())->data2html($data, 'https://www.youtube.com/watch?v=1');
        $old = apply_filters('embed_oembed_html', {json.dumps(html)}, 'https://www.youtube.com/watch?v=1', [], 0);
        return [$shown, $old];
    """
    shown, old = wordpress(task, code)
    assert (shown is not False) is kept
    assert ("<iframe" in old) is kept
    assert "<script" not in old
    assert "https://www.youtube.com/watch?v=1" in old or kept


def test_nobody_is_told_to_embed_pages_of_this_site(task: Task, editor: Editor) -> None:
    path = f"/?p={editor.write(title='Embed me', content='x', status='publish')['id']}"
    location = task.get(path).headers["Location"].replace(task.site, "")
    page = task.get(location)
    assert page.status_code == 200
    assert "oembed" not in page.text
    assert task.get(f"/wp-json/oembed/1.0/embed?url={task.site}{location}").status_code == 404
    framed = eventually(lambda: task.get(f"{location}embed/"))
    assert (framed.status_code, framed.headers["Location"].replace(task.site, "")) == (301, location)
