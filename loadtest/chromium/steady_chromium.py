#!/usr/bin/env python3
"""The machine's Chromium, or the one that CHROMIUM names, blind to network interfaces and modest. Takes its arguments.

A network of containers that comes or goes changes the machine's interfaces, whereupon Chromium drops every request that
is under way (ERR_NETWORK_CHANGED). It learns of interfaces by netlink; here the kernel refuses it such a socket, and it
goes on as on a machine without one.

Where it may, as root may, Chromium puts itself before everybody else (nice -8), whatever it was started with: beside a
storm it would take the processor from the crowd at the opening. The kernel refuses it that, too, and whoever starts
it more modestly has all of it so, also where the kernel shares the processor by sessions, of which this is a new one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import shutil
import struct
import sys
from contextlib import suppress
from pathlib import Path

# The numbers of the system calls: socket; setpriority, sched_setparam, sched_setscheduler, sched_setattr.
CALLS = {"x86_64": (41, (141, 142, 144, 314)), "aarch64": (198, (140, 118, 119, 274))}
AF_NETLINK = 16
PR_SET_SECCOMP, SECCOMP_MODE_FILTER, PR_SET_NO_NEW_PRIVS = 22, 2, 38
LOAD, IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # of classic BPF
NUMBER, FIRST_ARGUMENT = 0, 16  # offsets in struct seccomp_data
ALLOW, REFUSE = 0x7FFF0000, 0x00050000


def refuse(socket: int, priorities: tuple[int, ...]) -> None:
    """Refuse sockets of netlink and another priority from now on, to this process and its children."""
    among = len(priorities)
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (LOAD, 0, 0, NUMBER),
            *((IF_EQUAL, among - place + 3, 0, number) for place, number in enumerate(priorities)),
            (IF_EQUAL, 0, 4, socket),
            (LOAD, 0, 0, FIRST_ARGUMENT),
            (IF_EQUAL, 0, 2, AF_NETLINK),
            (RETURN, 0, 0, REFUSE | errno.EAFNOSUPPORT),
            (RETURN, 0, 0, REFUSE | errno.EPERM),
            (RETURN, 0, 0, ALLOW),
        )
    )
    instructions = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HP", len(program) // 8, ctypes.addressof(instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero) or libc.prctl(
        PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), ctypes.c_char_p(head), zero, zero
    ):
        raise OSError(ctypes.get_errno(), "the kernel takes no seccomp filter")


def main() -> None:
    """Become Chromium."""
    chromium = shutil.which(os.environ.get("CHROMIUM") or "chromium")
    if not chromium:
        sys.exit("No Chromium: `make browser` installs it, or says what to do.")
    if sys.platform == "linux" and (calls := CALLS.get(platform.machine())):
        with suppress(OSError):  # a kernel that does not share by sessions has no such file
            Path("/proc/self/autogroup").write_text(str(os.nice(0)))
        refuse(*calls)
    os.execv(chromium, [chromium, *sys.argv[1:]])  # noqa: S606 - whose arguments are ours


if __name__ == "__main__":
    main()
