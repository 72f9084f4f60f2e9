"""The server of Python's `websockets`, on TCP and on a unix socket. Usage: python_server.py UNIX_PATH

Prints one line of JSON with its port and ends when its input ends.
"""

import asyncio
import json
import sys

from websockets.asyncio.server import serve, unix_serve
from websockets.exceptions import ConnectionClosed


async def handle(ws):
    try:
        await respond(ws)
    except ConnectionClosed:
        pass


async def respond(ws):
    path, _, query = ws.request.path.partition("?")
    if path == "/fragments":
        async for message in ws:
            # Each element becomes a frame of its own; a ping goes between two of them.
            async def parts(text=message):
                for i in range(0, len(text), 3):
                    yield text[i : i + 3]
                    await ws.ping()

            await ws.send(parts())
    elif path == "/ping":
        async for message in ws:
            pong = await ws.ping(message)
            await pong
            await ws.send(f"pong {message}")
    elif path == "/close":
        code, _, reason = query.partition(",")
        await ws.close(int(code), reason)
    elif path == "/cut":
        ws.transport.abort()
    elif path == "/end":
        async for message in ws:
            pass
    else:
        async for message in ws:
            await ws.send(message)


async def main():
    options = {"max_size": 64 << 20, "ping_interval": None}
    async with serve(handle, "127.0.0.1", 0, **options) as tcp, unix_serve(handle, sys.argv[1], **options):
        print(json.dumps({"plain": tcp.sockets[0].getsockname()[1]}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
