"""A plugin that tells what PHP was asked: the page of whoever asks says whose it is, so a wrong one is seen."""

from __future__ import annotations

import uuid

from tests.site.task import Task, eventually

SOURCE = """<?php
/* Plugin Name: Probe */
$known = ['a' => $_GET['a'] ?? '', 'b' => $_GET['b'] ?? '', 'e' => $_GET["e"] ?? '', 'new' => $_REQUEST[ 'new' ] ?? ''];
if (isset($_GET['probe'])) {
    usleep((int) ($_GET['microseconds'] ?? 0));
    if (isset($_GET['header'])) {
        header((string) $_GET['header']);
    }
    http_response_code((int) ($_GET['status'] ?? 200));
    header('Content-Type: application/json');
    echo json_encode(['server' => $_SERVER, 'rendered' => uniqid('', true)]);
    exit;
}
"""

ACTIVATE = """
$_SERVER['HTTP_HOST'] = 'localhost';
require '/var/www/wordpress/core/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
$mistake = activate_plugin('probe/probe.php');
Floodgate\\Site\\QueryParameters::refresh();
exit(is_wp_error($mistake) ? $mistake->get_error_message() : 0);
"""


def install(task: Task) -> None:
    """Put it on the volume and activate it, as the dashboard does."""
    task.exec("wordpress", "mkdir", "-p", "/var/www/content/plugins/probe")
    task.write("plugins/probe/probe.php", SOURCE)
    task.exec("wordpress", "php", "-r", ACTIVATE)
    eventually(lambda: "rendered" in task.get(f"/?probe=1&new={uuid.uuid4().hex}").text)
