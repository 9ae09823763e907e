"""Files that are written whole, or not at all."""

import contextlib
import os
import pathlib
import shutil
import stat
import uuid
from collections.abc import Iterator

__all__ = ["destination", "replacing"]


def destination(path) -> pathlib.Path:
    """Return where a file can be written, links followed.

    Raises
    ------
    TypeError
        If `path` is no path.
    ValueError
        If no file can be there, or something else is.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path is {path!r}; allowed: a string, or another path")
    refusal = ValueError(f"path is {os.fspath(path)!r}; allowed: a file, in a folder that is there")
    try:
        found = pathlib.Path(path).resolve()
        fits = stat.S_ISDIR(os.stat(found.parent).st_mode) and _is_free(found)
    except (OSError, RuntimeError, TypeError, ValueError) as error:  # too long, say, or with a NUL in it
        raise refusal from error
    if not fits:
        raise refusal
    return found


def _is_free(path: pathlib.Path) -> bool:
    """Tell whether there is a file that can be replaced, or nothing yet; neither a folder nor a pipe."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return True


@contextlib.contextmanager
def replacing(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Give a file to write to; once that has been done without an error, it takes the place of `path`."""
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield part
        if path.exists():
            shutil.copymode(path, part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
