"""API keys in Redis: which secret is valid after rotations."""

from tests.store.driver import Store
from tests.store.scenarios.of_keys import KeyDriver


def secrets(store: Store) -> tuple[str, str | None]:
    """Returns the current and the previous secret."""
    key = KeyDriver(store).read()
    return key.hash, key.previous_hash


def test_a_used_secret_becomes_the_previous_one(store: Store) -> None:
    driver = KeyDriver(store)
    driver.create("first")
    driver.rotate("second")
    driver.note_use("second")

    driver.rotate("third")

    assert secrets(store) == ("third", "second")


def test_a_secret_that_was_never_used_is_replaced(store: Store) -> None:
    """Its response was lost, and clients still use the first one."""
    driver = KeyDriver(store)
    driver.create("first")
    driver.rotate("second")

    driver.rotate("third")

    assert secrets(store) == ("third", "first")


def test_the_previous_secret_is_valid_for_the_overlap(store: Store) -> None:
    driver = KeyDriver(store)
    driver.create()

    driver.rotate(overlap_s=60)

    key = driver.read()
    assert key.previous_until_ms - key.created_ms >= 60_000


def test_a_secret_whose_overlap_has_ended_does_not_come_back(store: Store) -> None:
    driver = KeyDriver(store)
    driver.create("first")
    driver.rotate("second", overlap_s=0)

    driver.rotate("third")

    assert secrets(store) == ("third", "second")
