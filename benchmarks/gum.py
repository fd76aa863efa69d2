"""Attributions of GUM's Wikinews part as spans of text: what `benchmarks/extract.py` compares with.

GUM (Zeldes 2017, https://github.com/amir-zeldes/gum): the news texts are CC BY 2.5, the annotations
CC BY 4.0. They are read from a checkout and not kept here. A discourse unit whose relation is
`attribution-positive` or `attribution-negative` names the speaker and the cue; the unit that it is
attached to is the content. GUM does not annotate as attributions what has no unit of its own: a
noun that reports ("calls for talks"), or a quotation whose speaker is named in another sentence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Span = tuple[int, int]

THOUGHT = frozenset(
    """think believe know hope feel want wish fear expect consider understand realise realize
    assume suspect doubt see hear find learn discover decide remember forget imagine plan intend
    notice show indicate suggest mean reveal prove demonstrate determine ensure like love hate
    conclude regard view""".split()  # noqa: SIM905  # a list of forty words reads best as text
)
"""Lemmas of cues that report no speech: beliefs, perceptions, and what a finding shows."""


@dataclass(slots=True)
class Gold:
    """One annotated attribution: half-open spans in code points of the text."""

    content: list[Span]
    speaker: list[Span] = field(default_factory=list)
    cue: str = ""
    statement: bool = True
    """Reports speech or writing, not a belief."""
    direct: bool = False
    """Nearly all of the content stands in quotation marks."""


@dataclass(slots=True)
class Article:
    name: str
    text: str
    gold: list[Gold]


@dataclass(slots=True)
class _Node:
    nucleus: bool
    relation: str
    first: int
    last: int
    parent: "_Node | None" = None
    children: list["_Node"] = field(default_factory=list)


@dataclass(slots=True)
class _Token:
    form: str
    lemma: str
    tag: str
    head: int
    relation: str
    start: int
    end: int
    sentence: int


def articles(checkout: Path, names: list[str] | None = None) -> Iterator[Article]:
    """The news articles of a checkout of GUM, in order of name; all of them, or those named."""
    for path in sorted((checkout / "dep").glob("GUM_news_*.conllu")):
        name = path.stem.removeprefix("GUM_news_")
        if names is None or name in names:
            text, tokens = _tokens(path.read_text(encoding="utf-8"))
            tree = checkout / "rst" / "lisp_binary" / f"{path.stem}.dis"
            yield Article(name, text, _gold(text, tokens, tree.read_text(encoding="utf-8")))


def _tokens(conllu: str) -> tuple[str, list[_Token]]:
    text, sentence, base, space, joined = "", -1, 0, "", 0
    tokens: list[_Token] = []
    for line in conllu.splitlines():
        if line.startswith("# newpar_block") or line == "# newpar":
            space = "\n\n" if text else ""
        elif line.startswith("# sent_id"):
            sentence, base = sentence + 1, len(tokens) - 1
        elif re.match(r"\d", line):
            columns = line.split("\t")
            if "-" in columns[0]:  # a contraction: its parts have no space between them
                first, last = map(int, columns[0].split("-"))
                joined = last - first + 1
                after = "SpaceAfter=No" not in columns[9]
                continue
            if "." in columns[0]:
                continue
            text += space
            start = len(text)
            text += columns[1]
            head = int(columns[6])
            tokens.append(
                _Token(
                    columns[1],
                    columns[2],
                    columns[4],
                    base + head if head else -1,
                    columns[7],
                    start,
                    len(text),
                    sentence,
                )
            )
            if joined:
                joined -= 1
                space = " " if joined == 0 and after else ""
            else:
                space = "" if "SpaceAfter=No" in columns[9] else " "
    return text, tokens


def _without_that(text: str, span: Span) -> Span:
    """The conjunction is no part of what was said, here; in GUM it belongs to the unit."""
    start, end = span
    return (start + 5, end) if text[start : start + 5].lower() == "that " else span


_LEAF = re.compile(
    r"\( (Root|Nucleus|Satellite) \((leaf|span) (\d+)(?: (\d+))?\)(?: \(rel2par ([^)]*)\))?"
    r"(?: \(text _!(.*?)_!\))?|\)"
)


def _gold(text: str, tokens: list[_Token], dis: str) -> list[Gold]:
    units, nodes = _tree(dis)
    spans, at = {}, 0
    for number in sorted(units):
        length = len(units[number].split())
        spans[number] = (at, at + length)
        at += length
    if at != len(tokens):
        raise ValueError(f"the tree has {at} words, the text {len(tokens)}")
    found = []
    for node in nodes:
        if not node.relation.startswith("attribution") or node.nucleus or node.parent is None:
            continue
        sibling = next(one for one in node.parent.children if one is not node)
        pieces = [(sibling.first, sibling.last)]
        parent: _Node | None = node.parent
        while parent is not None and parent.relation == "same-unit" and parent.parent:
            pieces += [
                (other.first, other.last) for other in parent.parent.children if other is not parent
            ]
            parent = parent.parent
        content: list[Span] = []
        for first, last in sorted(pieces):
            start, end = tokens[spans[first][0]].start, tokens[spans[last][1] - 1].end
            if content and content[-1][1] + 2 >= start:
                content[-1] = (content[-1][0], end)
            else:
                content.append((start, end))
        low, high = spans[node.first][0], spans[node.last][1]
        inside = [(a, b) for a, b in content if not (a <= tokens[low].start < b)]
        cue, speaker = _source(tokens, low, high)
        if not cue:
            continue  # a credit beneath a picture
        gold = Gold(
            [_without_that(text, (inside or content)[0]), *(inside or content)[1:]],
            speaker,
            cue,
            cue not in THOUGHT,
        )
        quoted = _quoted(text, gold.content)
        gold.direct = quoted > 0.8
        found.append(gold)
    return found


def _tree(dis: str) -> tuple[dict[int, str], list[_Node]]:
    units: dict[int, str] = {}
    nodes: list[_Node] = []
    stack: list[_Node] = []
    for match in _LEAF.finditer(dis):
        if match[0] == ")":
            stack.pop()
            continue
        kind, shape, first, last, relation, words = match.groups()
        node = _Node(kind != "Satellite", relation or "", int(first), int(last or first))
        if stack:
            node.parent = stack[-1]
            stack[-1].children.append(node)
        if shape == "leaf":
            units[node.first] = words
        nodes.append(node)
        stack.append(node)
    return units, nodes


def _source(tokens: list[_Token], low: int, high: int) -> tuple[str, list[Span]]:
    """The cue's lemma and the speaker's span in an attribution unit."""
    inside = range(low, high)
    for index in inside:
        token = tokens[index]
        if token.lemma == "accord":
            name = next((i for i in inside if tokens[i].relation.startswith(("obl", "nmod"))), None)
            return "according to", _subtree(tokens, name, low, high)
    roots = [i for i in inside if tokens[i].head not in inside]
    verbs = [i for i in [*roots, *inside] if tokens[i].tag.startswith("V")]
    for verb in verbs:
        subject = next(
            (
                i
                for i in range(len(tokens))
                if tokens[i].head == verb and tokens[i].relation.startswith(("nsubj", "obl:agent"))
            ),
            None,
        )
        if subject is not None:
            return tokens[verb].lemma, _subtree(tokens, subject, low, high)
    return (tokens[verbs[0]].lemma, []) if verbs else ("", [])


def _subtree(tokens: list[_Token], root: int | None, low: int, high: int) -> list[Span]:
    if root is None:
        return []
    sentence = tokens[root].sentence
    members = {root}
    near = range(max(0, root - 80), min(len(tokens), root + 80))
    grown = True
    while grown:
        more = {
            i
            for i in near
            if i not in members
            and tokens[i].head in members
            and tokens[i].sentence == sentence
            and not tokens[i].relation.startswith(("acl", "punct", "case", "appos", "parataxis"))
        }
        grown = bool(more)
        members |= more
    kept = sorted(i for i in members if low <= i < high) or sorted(members)
    return [(tokens[kept[0]].start, tokens[kept[-1]].end)]


def _quoted(text: str, content: list[Span]) -> float:
    inside = opened = total = 0
    for start, end in content:
        before = text[max(0, text.rfind("\n\n", 0, start)) : start]
        opened = before.count('"') % 2 or before.count("“") > before.count("”")
        for char in text[start:end]:
            if char in '"“”':
                opened = char == "“" or (char == '"' and not opened)
            elif char.isalnum():
                total += 1
                inside += bool(opened)
    return inside / total if total else 0.0
