"""Values in JSON by dotted paths, and records out of the shapes that platforms answer in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agent.errors import Refused
from agent.sources.http.configuration import Answer, Pivot, Zip
from agent.words import mark, t

ABSENT = object()
COMPARE = mark("Nothing was changed. Compare the recipe with what the service says of its answers.")
JSON = Mapping[str, Any]


def first(value: Any, path: str) -> Any:
    """The first value at a path, ABSENT where there is none; the value itself for an empty path."""
    return next(every(value, path), ABSENT)


def every(value: Any, path: str) -> Iterator[Any]:
    """The values at a path: `a.b` goes into tables, `*` into each entry of a list, a number into
    one entry. A name that itself has dots is found whole."""
    if not path:
        yield value
        return
    if isinstance(value, Mapping) and path in value:
        yield value[path]
        return
    step, _, rest = path.partition(".")
    if step == "*":
        for one in value if isinstance(value, list) else ():
            yield from every(one, rest)
    elif isinstance(value, Mapping) and step in value:
        yield from every(value[step], rest)
    elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
        yield from every(value[int(step)], rest)


def records(answer: Any, how: Answer) -> list[JSON]:
    """The records of an answer, zips and pivots as fields of them. Raises Refused where the answer
    has another shape than the recipe says."""
    found = list(every(answer, how.path))
    if not found and not _is_empty(answer, how):
        raise Refused(
            t("The answer has no {path}.", path=repr(how.path)),
            hint=t(COMPARE),
        )
    if how.unfold:
        return [record for one in found for record in _unfolded(one, how.unfold, {})]
    made: list[JSON] = []
    for one in found:
        if not isinstance(one, list):
            raise _strange(t("{path} of the answer is no list.", path=repr(how.path)))
        made += [_record(record, answer, how) for record in one]
    return made


def _is_empty(answer: Any, how: Answer) -> bool:
    """Whether an answer says that there is nothing, rather than something else."""
    if how.path.startswith("*") and answer == []:
        return True
    return bool(how.empty) and first(answer, how.empty) is not ABSENT


def _record(record: Any, answer: Any, how: Answer) -> JSON:
    if not isinstance(record, Mapping):
        raise _strange(t("{path} of the answer holds something that is no record.", path=how.path))
    if not how.zip and not how.pivot:
        return record
    more: dict[str, Any] = {}
    for zipped in how.zip:
        more |= _zipped(record, answer, zipped)
    for pivot in how.pivot:
        more[pivot.into] = _chosen(record, pivot)
    return {**record, **more}


def _zipped(record: JSON, answer: Any, how: Zip) -> JSON:
    names, values = list(every(answer, how.names)), list(every(record, how.values))
    if len(names) != len(values):
        raise _strange(
            t(
                "The answer names {names} columns and gives {values} values.",
                names=len(names),
                values=len(values),
            )
        )
    return {str(name): value for name, value in zip(names, values, strict=True)}


def _chosen(record: JSON, how: Pivot) -> Any:
    """The value of the one kind; None where the list has none of it."""
    entries = first(record, how.path)
    if entries is ABSENT or entries is None:
        return None
    if not isinstance(entries, list):
        raise _strange(t("{path} of the answer is no list.", path=repr(how.path)))
    found = [e for e in entries if isinstance(e, Mapping) and e.get(how.type) == how.choose]
    if len(found) > 1:
        raise _strange(
            t("{path} has {kind} more than once.", path=repr(how.path), kind=repr(how.choose))
        )
    return found[0].get(how.value) if found else None


def _unfolded(value: Any, names: Sequence[str], known: JSON) -> Iterator[JSON]:
    if not names:
        yield {**known, "value": value}
        return
    if not isinstance(value, Mapping):
        raise _strange(t("The answer has no table of {name}.", name=names[0]))
    for key, one in value.items():
        yield from _unfolded(one, names[1:], {**known, names[0]: key})


def _strange(said: str) -> Refused:
    return Refused(said, hint=t(COMPARE))
