"""A lock on an open file that ends with the process that holds it, however that ends."""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    import msvcrt

    _BEYOND = 2**31 - 2  # locked bytes cannot be read, so it is one that will not be there

    def hold(descriptor: int) -> bool:
        """Lock an open file until it is closed; ``False`` if somebody else has."""
        os.lseek(descriptor, _BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def hold(descriptor: int) -> bool:
        """Lock an open file until it is closed; ``False`` if somebody else has."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            # Some network file systems have no locks.
            return True
        return True
