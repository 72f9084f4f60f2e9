"""A CONNECT proxy, for which every name is this machine. Usage: proxy.py [USER:PASSWORD]

Prints one line of JSON with its port, then each CONNECT's target on a line; ends when its input ends.
"""

import asyncio
import base64
import json
import sys

WANTED = base64.b64encode(sys.argv[1].encode()).decode() if len(sys.argv) > 1 else ""


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def handle(reader, writer):
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except (OSError, asyncio.IncompleteReadError):
        writer.close()
        return
    method, target = head.split()[:2]
    if WANTED not in head:
        writer.write(
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"
        )
        writer.close()
        return
    try:
        if method != "CONNECT":
            raise OSError("not a tunnel")
        peer_reader, peer_writer = await asyncio.open_connection("127.0.0.1", int(target.rsplit(":", 1)[1]))
    except OSError:
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        return
    print(target, flush=True)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        await asyncio.gather(pump(reader, peer_writer), pump(peer_reader, writer))
    except asyncio.CancelledError:  # The input ended while a tunnel was open.
        writer.close()


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    print(json.dumps({"plain": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
