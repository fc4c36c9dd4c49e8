"""A server that takes no job without an Idempotency-Key."""

from pathlib import Path

from tests.unit.api.harness import api_harness


def test_a_create_without_a_key_is_rejected_with_the_remedy(tmp_path: Path) -> None:
    with api_harness(tmp_path, idempotency="required") as strict:
        refused = strict.submit()

        assert (refused.status_code, refused.json()["code"]) == (400, "idempotency-key-required")
        assert refused.json()["errors"][0]["header"] == "Idempotency-Key"
        assert 'rel="describedby"' in refused.headers["Link"]
        assert strict.keys == []


def test_a_key_or_an_own_id_is_enough(tmp_path: Path) -> None:
    body = {"type": "generate_characters", "payload": {"theme": "fantasy"}}
    with api_harness(tmp_path, idempotency="required") as strict:
        assert strict.submit(Idempotency_Key="key-of-mine").status_code == 202
        path = "/jobs/0190c1d2-0000-7000-8000-000000000001"
        assert strict.client.put(path, json=body).status_code == 202
