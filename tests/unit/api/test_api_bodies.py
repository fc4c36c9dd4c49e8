"""Bodies: whatever comes, it is a value that fits or a problem that names the place."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from loresmith.api.http.body import parse_json, validate
from loresmith.api.http.problems import Problem
from loresmith.api.schemas.requests import NEW_JOBS
from loresmith.api.services.submissions import parse_submission
from loresmith.jobs.core.job_record import FINGERPRINT_LENGTH
from tests.conftest import examples

GOOD = '{"type":"generate_characters","payload":{"theme":"fantasy"%s}%s}'


def body(payload: str = "", beside: str = "") -> bytes:
    return (GOOD % (payload, beside)).encode()


NO_JSON = {
    "nothing": b"",
    "blank": b"  ",
    "half": b'{"type":',
    "two": b"{}{}",
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 5_000,
    "a number of 5,000 digits": body(f',"count":{"9" * 5_000}'),
    "NaN": body(',"count":NaN'),
    "Infinity": body(',"count":-Infinity'),
    "a lone surrogate": body(',"tone":"\\ud800"'),
    "invalid UTF-8": body(',"tone":"').replace(b'"}', b'\xff"}'),
    "overlong NUL": b'{"type":"\xc0\x80"}',
    "UTF-16": body().decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + body(),
    "a raw NUL": body(',"tone":"a\0b"'),
    "a raw newline": body(',"tone":"a\nb"'),
    "single quotes": b"{'type':1}",
    "a comment": b"{} // no",
}


@pytest.mark.parametrize("sent", NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_json_is_refused(sent: bytes) -> None:
    with pytest.raises(Problem) as caught:
        parse_json(sent)

    assert caught.value.status == 400
    assert caught.value.errors == [{"pointer": "", "detail": caught.value.detail}]


MISFITS = [
    ("/type", b"{}"),
    ("/type", b'{"type":"nope","payload":{}}'),
    ("/type", b'{"type":null,"payload":{}}'),
    ("/type", b'{"type":["generate_characters"],"payload":{}}'),
    ("/type", b'{"type":{"a":1},"payload":{}}'),
    ("", b"[]"),
    ("", b"null"),
    ("", b'"generate_characters"'),
    ("/payload", b'{"type":"generate_characters"}'),
    ("/payload", b'{"type":"generate_characters","payload":[]}'),
    ("/payload", b'{"type":"generate_characters","payload":null}'),
    ("/payload/theme", b'{"type":"generate_characters","payload":{}}'),
    ("/input/theme", b'{"type":"generate_characters","input":{}}'),
    ("/payload/colour", body(',"colour":"red"')),
    ("/payload/count", body(',"count":0')),
    ("/payload/count", body(',"count":11')),
    ("/payload/count", body(',"count":"3"')),
    ("/payload/count", body(',"count":3.0')),
    ("/payload/count", body(',"count":true')),
    ("/payload/count", body(f',"count":{"9" * 4_000}')),
    ("/payload/count", body(',"count":1e999')),
    ("/payload/tone", body(',"tone":"a\\u0000b"')),
    ("/payload/tone", body(',"tone":"\\u001b[2J"')),
    ("/payload/a~1b~0c", body(',"a/b~c":1')),
    ("/colour", body(beside=',"colour":"red"')),
    ("/options/speed", body(beside=',"options":{"speed":1}')),
    ("/options/timeout_s", body(beside=',"options":{"timeout_s":0}')),
    ("/options/timeout_s", body(beside=',"options":{"timeout_s":1e999}')),
    ("/options/timeout_s", body(beside=',"options":{"timeout_s":"90"}')),
    ("/options/start_deadline_s", body(beside=',"options":{"start_deadline_s":1e10}')),
    ("/options/model", body(beside=',"options":{"model":"a b"}')),
    ("/options", body(beside=',"options":null')),
    ("/session_id", body(beside=',"session_id":""')),
    ("/session_id", body(beside=',"session_id":"a\\u0007"')),
    ("/session_id", body(beside=f',"session_id":"{"x" * 201}"')),
]


@pytest.mark.parametrize(("place", "sent"), MISFITS)
def test_an_invalid_request_is_named(place: str, sent: bytes) -> None:
    with pytest.raises(Problem) as caught:
        parse_submission(sent, 60)

    assert caught.value.status == 400
    assert [fault["pointer"] for fault in caught.value.errors] == [place]
    assert place in caught.value.detail


def test_the_types_are_listed_to_who_does_not_know_them() -> None:
    with pytest.raises(Problem, match=r"the types are .*generate_characters"):
        parse_submission(b'{"type":"nope"}', 60)


@pytest.mark.parametrize("name", ["payload", "input"])
def test_an_unknown_field_lists_the_known_ones(name: str) -> None:
    sent = b'{"type":"generate_characters","%s":{"theme":"x","colour":1}}' % name.encode()

    with pytest.raises(Problem, match="the known fields are count, role, theme, tone, world"):
        parse_submission(sent, 60)


def test_a_long_text_is_measured_in_characters() -> None:
    sent = b'{"type":"generate_characters","payload":{"theme":"%s"}}' % (b"x" * 501)

    with pytest.raises(Problem, match="must have at most 500 characters"):
        parse_submission(sent, 60)


def test_errors_are_listed_up_to_a_maximum() -> None:
    """Given more faults than anybody reads / I expect the first of them, not a book."""
    many = ",".join(f'"x{number}":1' for number in range(1_000))

    with pytest.raises(Problem) as caught:
        parse_submission(body(f",{many}"), 60)

    assert len(caught.value.errors) == 20


def test_a_client_does_not_get_its_own_megabyte_back() -> None:
    with pytest.raises(Problem) as caught:
        parse_submission(body(f',"{"k" * 100_000}":1'), 60)

    assert len(str(caught.value.errors)) < 1_000


class Careless(BaseModel):
    """A payload whose author thought of nothing."""

    text: str = ""
    number: float = 0
    whole: int = 0
    more: dict[str, Any] = {}


CARELESS = [
    ("/text", '{"text":"a\\u0000b"}'),
    ("/text", '{"text":"\\u001b[2J"}'),
    ("/number", '{"number":1e999}'),
    ("/number", '{"number":-1E+400}'),
    ("/whole", '{"whole":99999999999999999999}'),
    ("/more/a/1/b", '{"more":{"a":[0,{"b":"\\u0007"}]}}'),
    ("/more/a\0", '{"more":{"a\\u0000":1}}'),
]


@pytest.mark.parametrize(("place", "sent"), CARELESS)
def test_what_a_model_forgets_to_forbid_is_refused_nevertheless(place: str, sent: str) -> None:
    with pytest.raises(Problem) as caught:
        validate(Careless, sent.encode(), parse_json(sent.encode()))

    assert caught.value.errors[0]["pointer"] == place


def test_a_backslash_before_u0000_is_a_text_like_any_other() -> None:
    sent = b'{"text":"\\\\u0000","number":1e300,"whole":9223372036854775807}'

    assert validate(Careless, sent, parse_json(sent)).text == "\\u0000"


def test_a_byte_order_mark_is_called_by_its_name() -> None:
    for sent in (b"\xef\xbb\xbf{}", "{}".encode("utf-16")):
        with pytest.raises(Problem, match="byte order mark"):
            parse_json(sent)


OLDER_PRINT = "1:722ae41a08143466edf712deea78892c9acfed0307fde93b9f7ce118d41050a0"


def test_a_fingerprint_lives_longer_than_a_version_of_ours() -> None:
    """Given a key from before an upgrade / when its request is sent again after it
    / I expect it to be the same: another print here makes every live key a 422. A new optional
    field, or another order of fields, must not change it.
    """
    sent = body(',"tone":"wry","world":null,"count":5', ',"options":{"model":"m"},"session_id":"s"')

    assert parse_submission(sent, 60).submission.fingerprint == OLDER_PRINT[:FINGERPRINT_LENGTH]


def test_line_breaks_and_other_scripts_are_welcome() -> None:
    sent = body(',"world":"Zeile\\n龍\\t\\ud83d\\udc09"').replace(b"fantasy", b"\xc5\xbe")

    submission = parse_submission(sent, 60).submission

    assert "Zeile\\n龍\\t🐉" in submission.payload
    assert "ž" in submission.payload


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(["type", "payload", "input", "options", "session_id", "theme", "count"])


@st.composite
def nearly_right(draw: Any) -> dict[str, Any]:
    """A body that has the right names with anything in them."""
    sent = {draw(FIELDS): draw(json_values) for _ in range(draw(st.integers(0, 3)))}
    if draw(st.booleans()):
        sent["type"] = draw(st.sampled_from(list(NEW_JOBS)))
    if draw(st.booleans()):
        sent["payload"] = {"theme": draw(json_values), draw(st.text()): draw(json_values)}
    return sent


@settings(max_examples=examples(300))
@given(nearly_right())
def test_nothing_but_a_problem_comes_of_odd_values(sent: dict[str, Any]) -> None:
    _try(json.dumps(sent).encode("utf-8", "surrogatepass"))


@settings(max_examples=examples(300))
@given(st.binary(max_size=200))
def test_nothing_but_a_problem_comes_of_odd_bytes(sent: bytes) -> None:
    _try(sent)


@settings(max_examples=examples(300))
@given(st.integers(0, 70), st.binary(max_size=6))
def test_nothing_but_a_problem_comes_of_a_damaged_body(at: int, damage: bytes) -> None:
    good = body(',"count":3')
    _try(good[:at] + damage + good[at + len(damage) :])


def _try(sent: bytes) -> None:
    """A submission or a problem that names a place; anything else that is raised fails the test."""
    refused = None
    try:
        submission = parse_submission(sent, 60).submission
    except Problem as problem:
        refused = problem
    if refused:
        assert refused.status == 400
        assert refused.errors
    else:
        assert submission.type in NEW_JOBS
        assert "\\u0000" not in submission.payload


class Items(BaseModel, extra="forbid"):
    items: list[int] = []


@pytest.mark.parametrize(
    ("sent", "count", "place", "detail"),
    [
        (
            {f"a{i}": 1 for i in range(5_000)},
            20,
            "/a0",
            "unknown field; the known fields are items",
        ),
        ({"items": ["x"] * 5_000}, 1, "", "the body has 5000 errors, too many to list"),
        ({"items": [None] * 900}, 20, "/items/0", "Input should be a valid integer"),
    ],
    ids=["unknown fields", "wrong items", "some wrong items"],
)
def test_a_body_full_of_errors_is_described_by_a_few(
    sent: Any, count: int, place: str, detail: str
) -> None:
    """pydantic makes an object of each error, or of none: half a second for a body of 1 MiB."""
    with pytest.raises(Problem) as caught:
        validate(Items, json.dumps(sent).encode(), sent)

    assert len(caught.value.errors) == count
    assert caught.value.errors[0] == {"pointer": place, "detail": detail}


def test_a_body_of_unknown_fields_is_not_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Validation alone takes a quarter of a second for a body of 1 MiB."""
    monkeypatch.setattr(Items, "model_validate_json", pytest.fail, raising=False)
    sent = {f"a{i}": 1 for i in range(5_000)}

    with pytest.raises(Problem):
        validate(Items, json.dumps(sent).encode(), sent)
