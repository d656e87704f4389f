"""Lets each opening and each reading of a mount's files wait: ``slow_files.py SECONDS PATH…``; says ``ready``.

The kernel asks a listener of fanotify before it lets anybody open or read, and answers by itself when the listener is
gone: so nothing is left of it, however it ends. It imports nothing but Python's own library.
"""

from __future__ import annotations

import ctypes
import heapq
import os
import selectors
import struct
import sys
import time

# From linux/fanotify.h and linux/fcntl.h.
_CLASS_CONTENT, _UNLIMITED_QUEUE, _NONBLOCK, _CLOEXEC = 0x4, 0x10, 0x2, 0x1
_ADD, _MOUNT = 0x1, 0x10
_OPEN, _ACCESS, _DIRECTORIES = 0x10000, 0x20000, 0x40000000
_ALLOW = 1
_EVENT = struct.Struct("<IBBHQii")
_ANSWER = struct.Struct("<iI")
_HERE = -100  # AT_FDCWD


def main(seconds: float, paths: list[str]) -> None:
    """Hold up whoever opens or reads, all at once and each for so long, until the standard input ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    flags = _CLASS_CONTENT | _UNLIMITED_QUEUE | _NONBLOCK | _CLOEXEC
    listener = _made(libc.fanotify_init(flags, os.O_RDONLY | os.O_CLOEXEC))
    for path in paths:
        mask = ctypes.c_uint64(_OPEN | _ACCESS | _DIRECTORIES)
        _made(libc.fanotify_mark(listener, _ADD | _MOUNT, mask, _HERE, path.encode()))
    print("ready", flush=True)
    waiting: list[tuple[float, int]] = []
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            patience = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
            for key, _ in selector.select(patience):
                if key.fileobj is sys.stdin:
                    return
                waiting += [(time.monotonic() + seconds, file) for file in _asked(listener)]
                heapq.heapify(waiting)
            while waiting and waiting[0][0] <= time.monotonic():
                _, file = heapq.heappop(waiting)
                os.write(listener, _ANSWER.pack(file, _ALLOW))
                os.close(file)


def _asked(listener: int) -> list[int]:
    """Return the files that somebody wants to open or read."""
    data, files = os.read(listener, 65536), []
    while data:
        length, _, _, _, _, file, _ = _EVENT.unpack_from(data)
        files.append(file)
        data = data[length:]
    return files


def _made(answer: int) -> int:
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return answer


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:])
