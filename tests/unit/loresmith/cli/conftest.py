"""The mock server of the command line's tests."""

from functools import partial

import httpx2
import pytest

from loresmith import Client
from loresmith.cli import context
from tests.unit.loresmith.cli.mock_server import MockServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> MockServer:
    """Puts a mock server behind every command; nothing is retried."""
    mock = MockServer()
    monkeypatch.setattr(context, "Client", partial(Client, transport=httpx2.MockTransport(mock)))
    monkeypatch.setattr(context, "RETRY_TIMEOUT_S", 0.0)
    monkeypatch.setattr(context, "POLL_INTERVAL_S", 0.0)
    return mock
