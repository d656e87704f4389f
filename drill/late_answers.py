"""A proxy whose server's answers come late: ``late_answers.py PORT ADDRESS SERVER_PORT SECONDS``; says ``ready``.

It runs in a container's network and imports nothing but Python's own library.
"""

from __future__ import annotations

import asyncio
import os
import sys


async def main(port: int, address: str, server_port: int, seconds: float) -> None:
    """Serve until killed, or until the standard input ends: whoever started it is gone then."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server_reader, server_writer = await asyncio.open_connection(address, server_port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pass(reader, server_writer, 0.0), _pass(server_reader, writer, seconds))

    await asyncio.start_server(serve, "127.0.0.1", port)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    # Connections that are still open are of nobody's interest.
    os._exit(0)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Pass on what comes, each piece so much later; the end as well."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def write() -> None:
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not piece:
                writer.close()
                return
            writer.write(piece)

    writing = asyncio.create_task(write())
    try:
        while piece := await reader.read(65536):
            pieces.put_nowait((loop.time() + seconds, piece))
    except ConnectionError:
        pass  # an end like any other: the other side is told
    pieces.put_nowait((loop.time() + seconds, b""))
    await writing


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
