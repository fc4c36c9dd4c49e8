"""A list of which an earlier try finished a part: only the rest is bought."""

import json
from collections.abc import Iterator

import pytest

from tests.integration.lore_house import House, house

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("lore")) as made:
        yield made


def test_what_an_earlier_try_finished_is_kept(home: House) -> None:
    """Given two finished characters of three / I expect one more written, and three answered."""
    kept = home.service.ask(home.job()).items[:2]
    call = home.job()

    heard = home.service.ask(call, count=3, finished_items=kept)

    assert heard.items[:2] == kept
    assert heard.result
    made = json.loads(heard.result.output_json)["characters"]
    assert made == [json.loads(item) for item in heard.items]
    assert len({each["name"] for each in made}) == 3
    assert len(json.loads(home.row(call)["text"])["characters"]) == 1
    assert home.service.ask(call, count=3).result == heard.result, "replayed, joined the same way"
    assert home.billed(call) == 1
