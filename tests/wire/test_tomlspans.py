"""The scanner's law: the text at a value's span is that value."""

from __future__ import annotations

import tomllib

import pytest

from tests.wire.folders import DEMO, TOUR
from tracker.wire.tomlspans import Path, value_spans

ODD = '''\
# comment with [ ] { } = "
a.b . "c d" = 1 # = 2
'e f' = """
[not.a.table]
x = "1" \\"""" # really
g = [ 1, [ "]", 2 ], # ]
  { h = 'a#b', i.j = 2027-04-26 08:00:00 }, ]
k = """"quoted""""
empty = ""
[l.m]
n = {}
[[o]]
p = 1
[[o.q]]
r = 2
[[o.q]]
r = 3
[o.s]
t = true
[[o]]
p = 4
  [[o.q]]
  r = 5
'''


def value_at(data: object, path: Path) -> object:
    for key in path:
        data = data[key]  # type: ignore[index]
    return data


def leaves(data: object, path: Path = ()) -> list[Path]:
    if isinstance(data, dict) and data:
        return [leaf for key, value in data.items() for leaf in leaves(value, (*path, key))]
    if isinstance(data, list) and data:
        return [leaf for index, value in enumerate(data) for leaf in leaves(value, (*path, index))]
    return [path]


@pytest.mark.parametrize("text", [TOUR, ODD, ODD.replace("\n", "\r\n"), (DEMO / "tour.toml").read_text("utf-8")])
def test_the_text_at_a_span_is_the_value(text: str) -> None:
    data = tomllib.loads(text)
    spans = value_spans(text)
    for path in leaves(data):
        span = spans[path]
        assert tomllib.loads("x = " + text[span.start : span.end])["x"] == value_at(data, path)
        assert span.line == text.count("\n", 0, span.start) + 1
