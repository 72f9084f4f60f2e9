"""Fixtures: a stand-in control plane of each provider, the public side of both, and a home to deploy from."""

import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

for folder in (Path(__file__).parent, Path(__file__).parents[1]):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))

from hosting import PROVIDERS, SEED, Hosting, missing  # noqa: E402

FULL = bool(os.environ.get("TEST_FULL"))


def pytest_report_header():
    return f"self-host's faults: SEED={SEED}"


@pytest.fixture
def place():
    """A folder of the test's own."""
    folder = Path(tempfile.mkdtemp(prefix="cr-", dir="/var/tmp")).resolve()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def make(place):
    """Makes stand-ins that end with the test: `make("deno")`, `make("cloudflare", exports=False)`.

    Whatever the test was about: in the end no secret stands in anything that was said, logged or kept."""
    made = []

    def make(provider: str, **options) -> Hosting:
        if reason := missing(provider):
            pytest.skip(reason)
        made.append(Hosting(place / f"plane{len(made)}", provider, **options))
        return made[-1]
    yield make
    try:
        for hosting in made:
            hosting.check_secrets()
    finally:
        for hosting in made:
            hosting.close()


@pytest.fixture(params=PROVIDERS)
def hosting(request, make):
    return make(request.param)


@pytest.fixture(params=PROVIDERS if FULL else [random.Random(SEED).choice(PROVIDERS)])
def either(request, make):
    """For what does not depend on the provider: one of them, drawn by SEED; both with TEST_FULL."""
    return make(request.param)


@pytest.fixture
def cloudflare(make):
    return make("cloudflare")


@pytest.fixture
def deno(make):
    return make("deno")
