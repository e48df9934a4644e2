import resource

import pytest

GIGABYTE = 2**30


@pytest.fixture(autouse=True, scope="package")
def _little_memory():
    """Let a number that asks for all memory fail here, not the machine."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (4 * GIGABYTE, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_DATA, before)
