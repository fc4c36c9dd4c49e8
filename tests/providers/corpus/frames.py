"""Events of odd form, and odd events among good ones."""

from tests.providers.answer import DONE, GOOD, STOP, Answer, event, stream, text, whole

SKIPPED = {
    "retry": b"retry: 3000\n\n",
    "an event without data": b"event: ping\n\n",
    "empty data": b"data:\n\n",
    "blank data": b"data: \n\n",
    "a comment after an id": b"id: 7\n: comment\n\n",
    "a comment": b": keep-alive\n\n",
    "data null": b"data: null\n\n",
    "data true": b"data: true\n\n",
    "data number": b"data: 17\n\n",
    "data list": b"data: [1, null]\n\n",
    "data text": b'data: "x"\n\n',
    "data no json": b"data: {not json\n\n",
    "data blank object": b"data: {}\n\n",
    "a ping event": b'event: ping\ndata: {"type": "ping"}\n\n',
    "deep nesting": b"data: " + b"[" * 100_000 + b"\n\n",
    "a huge number": b"data: " + b"9" * 5_000 + b"\n\n",
    "unknown fields": b"foo: bar\nbaz\n\n",
    "choices null": event({"choices": None}),
    "choices of numbers": event({"choices": [1, None, "x"]}),
    "choices object": event({"choices": {}}),
    "delta null": event({"choices": [{"delta": None}]}),
    "delta number": event({"choices": [{"delta": 7}]}),
    "error null": event({"error": None, "choices": []}),
    "error false": event({"error": False, "choices": []}),
    "bad utf-8": b'data: {"x": "\xff\xfe"}\n\n',
}
FRAMES = [
    Answer("as documented", stream()),
    Answer("byte order mark", b"\xef\xbb\xbf" + stream()),
    Answer("byte order mark before a document", b"\xef\xbb\xbf" + whole({"content": GOOD})),
    *(
        Answer(f"an error of {code} in each event", stream().replace(b'"id"', error + b', "id"'))
        for code, error in [
            ("code 0", b'"error": {"code": 0, "message": ""}'),
            ("code 200", b'"error": {"code": "200", "message": "success"}'),
        ]
    ),
    Answer("a document after comments", b": waiting\n\n" * 3 + whole({"content": GOOD})),
    Answer("a long header", stream(), headers={"x-gateway": "x" * 60_000}),
    Answer("many headers", stream(), headers={f"x-gateway-{i}": "x" for i in range(500)}),
    Answer("CRLF", stream().replace(b"\n", b"\r\n")),
    Answer("CR", stream().replace(b"\n", b"\r")),
    Answer("no blank lines", stream().replace(b"\n\n", b"\n")),
    Answer("no last blank line", stream().removesuffix(b"\n\n")),
    Answer("no space after data", stream().replace(b"data: ", b"data:")),
    Answer(
        "one byte that is no UTF-8",
        stream(GOOD.replace("smith", "X")).replace(b"X", b"\xff"),
        text=GOOD.replace("smith", "\ufffd"),
    ),
    Answer("data in two lines", stream().replace(b'"choices"', b'\ndata: "choices"')),
    Answer("leading blank lines", b"\n\n\r\n" + stream()),
    *(Answer(f"{name}, before", frame + stream()) for name, frame in SKIPPED.items()),
    *(Answer(f"{name}, within", text() + frame + STOP) for name, frame in SKIPPED.items()),
    *(
        Answer(f"{name}, after", stream().removesuffix(DONE) + frame + DONE)
        for name, frame in SKIPPED.items()
    ),
]
