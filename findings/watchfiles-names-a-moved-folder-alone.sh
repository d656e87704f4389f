#!/bin/sh
# watchfiles, the watcher behind most Python tools that reload, tells which files were written. Of a folder that is renamed, moved in or moved away
# it names the folder, and none of the files in it: whoever asks of each path whether it is a file, or knew it as one, sees no change at all, while
# each file has come, gone, or changed its name. (So it is also with a new folder whose files are there before its own watch is.) A folder
# that is deleted is named with all that was in it. Under a folder that was "added" one has to look by oneself.
# Exit 0: as described. Exit 1: another behaviour. Linux; needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: watchfiles==1.3.0
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import queue
import shutil
import sys
import threading
import time
from pathlib import Path

import watchfiles

watched, elsewhere = Path(sys.argv[1], "watched"), Path(sys.argv[1], "elsewhere")
(watched / "theme").mkdir(parents=True)
for name in ("a.css", "b.css"):
    (watched / "theme" / name).write_text("1")
seen, stop = queue.Queue(), threading.Event()


def watch():
    for changes in watchfiles.watch(watched, stop_event=stop, step=100, debounce=1000):
        seen.put(sorted((change.name, str(Path(path).relative_to(watched))) for change, path in changes))


def named(act):
    act()
    return seen.get(timeout=10)


threading.Thread(target=watch, daemon=True).start()
for number in range(100):  # until it watches
    (watched / "begun").write_text(str(number))
    time.sleep(0.1)
    if not seen.empty():
        break
time.sleep(1)
while not seen.empty():
    seen.get()
acts = [
    ("renamed", lambda: (watched / "theme").rename(watched / "skin"), [("added", "skin"), ("deleted", "theme")]),
    ("moved away", lambda: (watched / "skin").rename(elsewhere), [("deleted", "skin")]),
    ("moved in", lambda: elsewhere.rename(watched / "theme"), [("added", "theme")]),
    (
        "deleted",
        lambda: shutil.rmtree(watched / "theme"),
        [("deleted", "theme"), ("deleted", "theme/a.css"), ("deleted", "theme/b.css")],
    ),
]
print(f"watchfiles {watchfiles.__version__}, of a folder with two files:")
as_described = True
for act, do, expected in acts:
    found = named(do)
    print(f"  {act}: {', '.join(' '.join(each) for each in found)}")
    as_described &= found == expected
stop.set()
sys.exit(not as_described)
PYTHON
