"""The command: see tests/proof."""

from __future__ import annotations

import argparse
import time

from tests import proof


def main() -> None:
    parser = argparse.ArgumentParser(description=proof.__doc__)
    parser.add_argument("what", choices=("kills", "events"))
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    begun, used = time.perf_counter(), time.process_time()
    found = proof.kills(given.count) if given.what == "kills" else proof.events(given.count)
    said = "equal to the shop's own" if found.same else "NOT EQUAL to the shop's own"
    print(  # noqa: T201  # a command
        f"{found.told}: {found.rows} ledger rows, {said}"
        f" ({time.perf_counter() - begun:.0f} s, {time.process_time() - used:.0f} s of CPU)"
    )
    raise SystemExit(0 if found.same else 1)


if __name__ == "__main__":
    main()
