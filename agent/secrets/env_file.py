"""The file `.env` beside the program: names and values where the environment has none."""

from __future__ import annotations

from pathlib import Path

from dotenv.parser import parse_stream

from agent.errors import BadSetting


def read_env_file(path: Path | None) -> dict[str, str]:
    """Its names and values; none where there is no file. Raises BadSetting."""
    if path is None or not path.is_file():
        return {}
    try:
        # utf-8-sig: an editor may have put a byte order mark in front of the first name.
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"The settings file '{path}' cannot be read.") from error
    for binding in bindings:
        if binding.error or (binding.key and binding.value is None):
            raise BadSetting(
                f"Line {binding.original.line} of the settings file '{path}' is not NAME=value."
            )
    return {b.key: b.value for b in bindings if b.key and b.value is not None}
