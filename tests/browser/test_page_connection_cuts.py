"""A cut connection between a real Chromium and the api loses no job and buys none twice."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.browser.connection_cuts import CUTS, run_with_cut
from tests.browser.network import NetworkProxy, network_proxy
from tests.browser.page_driver import PageDriver
from tests.stack import Stack


@pytest.fixture
def proxy(system: Stack) -> Iterator[NetworkProxy]:
    with network_proxy(system.api_port) as running:
        yield running


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_connection_ends_in_one_job_and_its_result(
    driver: PageDriver, proxy: NetworkProxy, name: str
) -> None:
    """Given a cut at this point / I expect one job, one purchase, and the result in the page."""
    run_with_cut(name, driver, proxy, f"cut-{uuid4().hex[:8]}")
