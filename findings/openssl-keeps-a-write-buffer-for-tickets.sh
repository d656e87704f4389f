#!/bin/sh
# Python's TLS contexts set SSL_MODE_RELEASE_BUFFERS, and yet with OpenSSL 3.0 (Debian 12, Ubuntu 24.04) an idle TLS 1.3 client holds 16 KiB more than it needs. With the answer it reads
# the server's session tickets, and for these OpenSSL sets up a buffer to write in, which it gives back only when something has been written.
# An empty write, which sends nothing, gives it back. OpenSSL 3.5 has no such buffer. 200 connections within one process, before and after such a write.
# Exit 0: as described. Exit 1: another behaviour. Needs PyPI for the certificate; nothing leaves the process.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: trustme==1.2.1
"$folder/venv/bin/python" - <<'PYTHON'
import ctypes
import ssl
import sys

import trustme


class Heap(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")]


libc = ctypes.CDLL("libc.so.6")
libc.mallinfo2.restype = Heap
authority = trustme.CA()
theirs, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
authority.issue_cert("localhost").configure_cert(theirs)
authority.configure_trust(ours)


def connected():
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = theirs.wrap_bio(up, down, server_side=True)
    client = ours.wrap_bio(down, up, server_hostname="localhost")
    for each in (client, server, client, server):
        try:
            each.do_handshake()
        except ssl.SSLWantReadError:
            pass
    client.write(b"ask")
    server.read(100)
    server.write(b"answer")
    assert client.read(100) == b"answer"
    return client, server, up


pairs = [connected() for _ in range(200)]
before = libc.mallinfo2().uordblks
for client, _, _ in pairs:
    client.write(b"")
given = (before - libc.mallinfo2().uordblks) / len(pairs) / 1024
sent = sum(up.pending for _, _, up in pairs)
print(f"{ssl.OPENSSL_VERSION}, {pairs[0][0].version()}: an empty write gives back {given:.1f} KiB each, and sends {sent} bytes")
sys.exit(not (given > 14 and sent == 0))
PYTHON
