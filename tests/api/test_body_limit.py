"""A body over the limit is refused before Django stores it."""

import json

from project.api.body_limit import BodyLimit


async def ask(chunks, headers=()):
    """Send `chunks` through a limit of 10 bytes; (bytes that the application saw, sent messages)."""
    seen, sent, waiting = [], [], list(chunks)

    async def receive():
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    async def application(scope, receive, send):
        while True:
            message = await receive()
            seen.append(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})

    await BodyLimit(application, max_bytes=10)(
        {"type": "http", "headers": list(headers)}, receive, send
    )
    return b"".join(seen), sent


async def test_a_body_within_the_limit_passes():
    seen, sent = await ask([b"12345", b"67890"])
    assert seen == b"1234567890"
    assert sent[0]["status"] == 200


async def test_an_announced_long_body_is_refused_unread():
    seen, sent = await ask([b"x" * 50], [(b"content-length", b"50")])
    assert seen == b""
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["code"] == "too_large"


async def test_a_long_body_without_a_length_is_cut_off():
    seen, sent = await ask([b"12345", b"67890", b"1", b"never read"])
    assert seen == b"1234567890"
    assert sent[0]["status"] == 413
