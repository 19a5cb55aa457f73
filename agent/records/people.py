"""The nouns of who comes in: users and their passwords, links, tokens."""

from __future__ import annotations

from agent.records.links import Links
from agent.records.passwords import Passwords
from agent.records.tokens import Tokens
from agent.records.users import Users

__all__ = ["Links", "Passwords", "Tokens", "Users"]
