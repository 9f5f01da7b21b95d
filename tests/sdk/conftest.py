"""Nothing here speaks TLS, yet every client would load a certificate store: most of the time."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from unittest import mock

import pytest


@pytest.fixture(autouse=True, scope="session")
def no_certificates() -> Iterator[None]:
    with mock.patch.object(ssl.SSLContext, "load_verify_locations"):
        yield
