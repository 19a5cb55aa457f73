"""What would betray a German text that was never translated."""

from __future__ import annotations

import re

# Words of English sentences that German has not.
ENGLISH = re.compile(
    r"\b(?:the|and|of|by|with|from|to|is|are|were|not|no|yet|per|all|any|others?|than|for|its?"
    r"|sales|orders?|previous|period|before|after|between|highest|lowest|new|returning|customers?"
    r"|products?|units|sold|country|countries|channels?|days?|weeks?|months?|years?|rose|fell|made"
    r"|came|choose|shown?|open|close|against|each|gross|net|known|unknown|this|that|these|those"
    r"|there|their|only|sum|rows?|on)\b",
    re.IGNORECASE,
)
# What is called so in German too: names of data, words of an address, codes of the ledger.
SAME = re.compile(
    r"https?://\S+|\b[a-z_]+=\S*"
    r"|\b[a-z_]+(?:, [a-z_]+){5,}|Bekannt: .*?(?=\. |\.$)|net_sales / orders"
    r"|Singles’ Day|(?:, )?\b[a-z_]+ \d+(?=,|$)|\b[A-Z_]{3,}\b|%\{[^}]*\}|<[^>]*>"
)


def english(text: str) -> list[str]:
    """The English words of a text that should have none."""
    return ENGLISH.findall(SAME.sub(" ", text))
