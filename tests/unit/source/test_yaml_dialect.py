"""The corners of YAML 1.2, class by class: what we read, and what we knowingly do not (docs/yaml.md lists it)."""

from __future__ import annotations

import pytest

from tests.unit.source.helpers import codes, plain

READ = {
    "indicators inside plain scalars": ("a: x:y\nb: -x\nc: a#b\nd: ?x\ne: ::v\n",
                                        {"a": "x:y", "b": "-x", "c": "a#b", "d": "?x", "e": "::v"}),
    "spaces around the colon": ("a   : 1\n'b' :\n  2\n", {"a": 1, "b": 2}),
    "colon directly behind a quoted key": ('{"a":1, \'b\':[2]}', {"a": 1, "b": [2]}),
    "trailing comma": ("[1, 2, ]", [1, 2]),
    "pairs in a list": ("[a: 1, b]", [{"a": 1}, "b"]),
    "key without a value": ("{a, b: , c: 1}", {"a": None, "b": None, "c": 1}),
    "list under its key's column": ("a:\n- 1\n- 2\nb: 3\n", {"a": [1, 2], "b": 3}),
    "nested list in one line": ("- - 1\n  - 2\n-\n  - 3\n", [[1, 2], [3]]),
    "mapping in a list": ("- a: 1\n  b: 2\n-   c: 3\n    d: 4\n", [{"a": 1, "b": 2}, {"c": 3, "d": 4}]),
    "explicit keys": ("? a\n: 1\n? b\n", {"a": 1, "b": None}),
    "plain scalar over lines": ("a: one\n  two\n\n\n  three\n", {"a": "one two\n\nthree"}),
    "single quotes over lines": ("a: 'one\n  two\n\n  it''s'\n", {"a": "one two\nit's"}),
    "double quotes over lines": ('a: "one \\\n   two\\n\n  three\\tfour"\n', {"a": "one two\n three\tfour"}),
    "escapes": ('a: "\\x41\\u00e9\\U0001F600\\0\\e\\/\\_\\N"\n', {"a": "Aé😀\x00\x1b/\xa0\x85"}),
    "literal": ("|\n  a\n   b\n\n  # c\n", "a\n b\n\n# c\n"),
    "folded": (">\n  a\n  b\n\n  c\n   d\n  e\n", "a b\nc\n d\ne\n"),
    "chomping": ("- |-\n  a\n\n- |\n  a\n\n- |+\n  a\n\n", ["a", "a\n", "a\n\n"]),
    "indentation indicator": ("a: |1\n  b\n c\n", {"a": " b\nc\n"}),
    "comment behind a block header": ("a: > # c\n  b\n", {"a": "b\n"}),
    "comments of lesser indentation": ("a:\n  - 1\n# c\n  - 2\n", {"a": [1, 2]}),
    "document start with a value": ("--- a\n", "a"),
    "document start and end": ("%YAML 1.2\n---\na: 1\n...\n", {"a": 1}),
    "marker inside a scalar": ("a: x---y\nb: '...'\n", {"a": "x---y", "b": "..."}),
    "anchor and tag in either order": ("- &a !!str 1\n- !!str &b 2\n- *a\n", ["1", "2", "1"]),
    "anchor on an empty value": ("a: &x\nb: *x\n", {"a": None, "b": None}),
    "anchor on a key": ("&x a: 1\nb: *x\n", {"a": 1, "b": "a"}),
    "core tags by handle": ("%TAG !c! tag:yaml.org,2002:\n---\n!c!str 1\n", "1"),
    "no-break space is a letter": ("a: \xa0x\n", {"a": "\xa0x"}),
}  # fmt: skip

REFUSED = {
    "several documents": ("a: 1\n---\nb: 2\n", "DW112"),
    "local tag": ("!x a", "DW107"),
    "verbatim tag": ("!<tag:example.com,2000:x> a", "DW107"),
    "ordered mapping": ("!!omap [a: 1]", "DW107"),
    "set": ("!!set {a}", "DW107"),
    "binary": ("!!binary aGk=", "DW107"),
    "empty key": ("{? : 1}", "DW113"),
    "collection as a key": ("[1, 2]: 3\n", "DW113"),
    "number as a key": ("2: 3\n", "DW113"),
    "anchor set twice": ("a: &x 1\nb: &x 2\n", "DW103"),
    "unknown alias": ("a: *x\n", "DW103"),
    "unknown directive": ("%FOO bar\n---\na: 1\n", "DW103"),
    "another version": ("%YAML 2.0\n---\na: 1\n", "DW103"),
    "tab before a collection": ("-\t- a\n", "DW104"),
    "tab before a value": ("\t{}\n", "DW104"),
    "tab in an empty line": ("a: 1\n\t\nb: 2\n", "DW104"),
    "flow key over lines": ("{a\n : 1}", "DW103"),
    "plain scalar in flow that begins with a colon": ("[:x]", "DW103"),
    "text behind a value": ("a: 'b' c\n", "DW103"),
    "text behind a list": ("a: [b] c\n", "DW103"),
    "wrong indentation": ("a:\n  b: 1\n c: 2\n", "DW103"),
    "list beside a mapping": ("a: 1\n- b\n", "DW103"),
    "bad escape": ('a: "\\z"\n', "DW103"),
    "half an escape": ('a: "\\x4"\n', "DW103"),
    "escaped surrogate": ('a: "\\ud83d\\ude00"\n', "DW103"),
    "quoted scalar over a marker": ("a: 'b\n---\nc'\n", "DW103"),
    "unclosed flow": ("a: {b: [c}\n", "DW103"),
    "two commas": ("[a, , b]", "DW103"),
    "comment glued to a flow comma": ("a: 1 #ok\nb: 'x", "DW103"),
}


@pytest.mark.parametrize(("text", "value"), READ.values(), ids=READ.keys())
def test_read(text, value):
    assert plain(text) == value


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(text, code):
    assert codes(text) == [code]
