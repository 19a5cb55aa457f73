"""What no sentence for a person has in it."""

from __future__ import annotations

import re

OURS = re.compile(r"Traceback|Error\b|Exception|<|0x[0-9a-f]{6}|psycopg|sqlalchemy|requests\.|\.py")
"""What belongs into a log: a traceback, the name of a class or of a library."""
