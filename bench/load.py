"""A cheap load generator: raw HTTP/1.1 on a few kept-alive connections."""

import asyncio
import json
from urllib.parse import urlsplit


async def post_many(url: str, body: bytes, count: int, connections: int = 32) -> list[str]:
    """Posts one body `count` times and returns the job ids; exits on other responses."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    numbers = iter(range(count))
    ids: list[str] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for _ in numbers:
            writer.write(head.encode() + body)
            status, answer = await read_response(reader)
            if status != 202:
                raise SystemExit(f"POST {url} answered {status}: {answer[:300]!r}")
            ids.append(json.loads(answer)["id"])
        writer.close()

    await asyncio.gather(*(client() for _ in range(min(connections, count))))
    return ids


async def read_response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Reads status and body of one response with a Content-Length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = head.split("\r\n")
    length = next((line for line in lines if line.lower().startswith("content-length:")), ":0")
    return int(lines[0].split()[1]), await reader.readexactly(int(length.split(":")[1]))
