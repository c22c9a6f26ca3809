"""A journal's line as a row and back: what is written is what is read, to the last bit of a float."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from antiphon.core.errors import CallerError

_HEAD = re.compile(r'\{"t":([-+.\deE]+),"([ecn])":"(\w+)"(?=[,}])')
_NOT_JSONB = ("\\u", "NaN", "Infinity", "e-", "e+")
"What jsonb refuses, or gives back as another number: it has no NUL, no half characters, no exponents."
_UNFIT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One entry. `body` is JSON that holds what `t`, `kind` and `name` do not."""

    seq: int
    t: float
    kind: str
    name: str
    body: str
    at: float = 0.0
    "When it was written, seconds since 1970."


def split(seq: int, line: str, at: float) -> Row:
    """The line as a row. Raises CallerError when it is no journal's line."""
    try:
        head = _HEAD.match(line)
        if head is not None:
            rest = line[head.end() :]
            body = "{" + rest.removeprefix(",")
            return Row(seq, float(head[1]), head[2], head[3], _fit(body), at)
        data = json.loads(line)
        if "header" in data:
            return Row(seq, 0.0, "header", "header", _fit(json.dumps(data["header"], ensure_ascii=False)), at)
        t = float(data.pop("t"))
        if data.pop("tick", False):
            return Row(seq, t, "tick", "tick", "{}", at)
        kind = next(key for key in ("e", "c", "n") if key in data)
        return Row(seq, t, kind, str(data.pop(kind)), _fit(json.dumps(data, ensure_ascii=False)), at)
    except (ValueError, KeyError, StopIteration, TypeError, AttributeError) as error:
        raise CallerError(f"not a journal's line ({error!r}): {line[:120]}") from None


def join(t: float, kind: str, name: str, body: str) -> str:
    """The line of a row: another order or spacing of the same JSON."""
    body = _plain(body)
    if kind == "header":
        return f'{{"header":{body}}}'
    if kind == "tick":
        return f'{{"t":{t!r},"tick":true}}'
    rest = body.strip()[1:]
    return f'{{"t":{t!r},"{kind}":"{name}"{"}" if rest.strip() == "}" else "," + rest}'


def fields(row: Row) -> Mapping[str, object]:
    """What the entry says, by field."""
    found = json.loads(_plain(row.body))
    return found if isinstance(found, dict) else {}


def fit(text: object) -> str:
    """`text` without what a column of text cannot hold."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", str(text))


def fit_json(data: object) -> str:
    """`data` as JSON that jsonb takes; what JSON has no word for becomes text."""
    text = json.dumps(data, ensure_ascii=False, default=str)
    if not _is_jsonb(text):
        text = json.dumps(_fit_data(json.loads(text)), ensure_ascii=False)
    return text


def _fit_data(data: object) -> object:
    match data:
        case str():
            return fit(data)
        case float():
            return data if abs(data) < 1e300 else str(data)
        case dict():
            return {fit(key): _fit_data(value) for key, value in data.items()}
        case list():
            return [_fit_data(value) for value in data]
    return data


def _fit(body: str) -> str:
    """The body; wrapped, as a text inside of JSON, where jsonb would not keep it."""
    return body if _is_jsonb(body) else json.dumps({"~": body})


def _is_jsonb(text: str) -> bool:
    for part in _NOT_JSONB:
        if part in text:
            return False
    return text.isascii() or _UNFIT.search(text) is None


def _plain(body: str) -> str:
    if body.startswith('{"~"'):
        return str(json.loads(body)["~"])
    return body
