"""What the seam to an SDK has to offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Provider(Protocol):
    """The seam to one SDK (or a family of SDKs that share their plumbing).

    ``name`` is the provider family kept in cassettes. ``modules`` are imported by the user's code, never
    by us; ``install`` is called with the name of each when it has been imported. ``distributions`` are the
    packages whose versions a cassette names. ``credentials`` are environment variables that a client may
    refuse to be built without, with values that let it be built for a replay.
    """

    @property
    def name(self) -> str:
        """The provider family."""

    @property
    def modules(self) -> Sequence[str]:
        """Modules after whose import ``install`` is to be called."""

    @property
    def distributions(self) -> Sequence[str]:
        """Distribution names."""

    @property
    def credentials(self) -> Mapping[str, str]:
        """Environment variables and stand-in values."""

    def install(self, module: str) -> None:
        """Put the seam in; called once a module, for the life of the process."""
