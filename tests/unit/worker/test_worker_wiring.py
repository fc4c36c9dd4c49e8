"""Settings that the parts of a worker check."""

import pytest

from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.worker.wiring import http_allowed


def test_an_allow_list_that_cannot_be_read_stops_the_start() -> None:
    assert http_allowed(Settings(http_allow="10.0.0.0/8, wiki.internal")).has_host("wiki.internal")
    with pytest.raises(SettingsError, match=r"LORESMITH_HTTP_ALLOW has '10\.0\.0\.0/99'"):
        http_allowed(Settings(http_allow="10.0.0.0/99"))
