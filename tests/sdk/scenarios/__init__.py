"""The uses of the SDKs that are played live, recorded and replayed."""

from __future__ import annotations

import importlib
import pkgutil

from tests.sdk.kit import SCENARIOS, Scenario


def load() -> list[Scenario]:
    """Every scenario of this package."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    assert len({each.name for each in SCENARIOS}) == len(SCENARIOS), "two scenarios share a name"
    return SCENARIOS
