#!/bin/sh
# A process's number may be another process's later; psutil's create_time(), seconds since 1970, looks like what tells the two apart: began after the file that names it, so it is
# another one. On Linux it is no fact about the process: the kernel counts from boot, and psutil adds when that was by today's clock. Where the clock is set (after a laptop has
# slept, in a virtual machine that was held), the same process has begun at another time, and one that holds its lock is taken for a stranger.
# psutil's own comparison (==, is_running) goes by the time since boot, and says that it is the same.
# Nobody's clock is set here: psutil is given the kernel's /proc/stat as it reads, and as it reads with the clock an hour ahead.
# Exit 0: as described. Exit 1: another behaviour. Linux; needs PyPI.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: psutil==7.2.2
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import os
import re
import sys
from pathlib import Path

import psutil

kernel, signed = Path(sys.argv[1], "proc"), Path(sys.argv[1], "signed")
kernel.mkdir()
(kernel / str(os.getpid())).symlink_to(f"/proc/{os.getpid()}")
before = psutil.Process()
began = before.create_time()
signed.write_text(str(os.getpid()))
stat = Path("/proc/stat").read_text()
(kernel / "stat").write_text(re.sub(r"(?m)^btime (\d+)", lambda found: f"btime {int(found[1]) + 3600}", stat))
psutil.PROCFS_PATH = str(kernel)
after = psutil.Process(int(signed.read_text()))
moved = after.create_time() - began
stranger = after.create_time() > signed.stat().st_mtime
same = after == before and before.is_running()
print(f"psutil {psutil.__version__}: began {moved:.0f} s later than before; after the file that names it: {stranger}; the same process: {same}")
sys.exit(not (abs(moved - 3600) < 2 and stranger and same))
PYTHON
