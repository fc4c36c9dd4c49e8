from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.api.desk import Desk
from tests.unit.api.desk import desk as opened


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(tmp_path) as found:
        yield found
