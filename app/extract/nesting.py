"""Which proposal stands inside the words of another."""

from bisect import bisect_right

from app.extract.proposal import Proposal, Span


def nest(found: list[Proposal]) -> None:
    """Give each proposal, as its parent, the innermost one whose words hold it."""
    stack: list[int] = []
    for index, one in enumerate(found):
        whole = one.cue or one.whole
        if whole is None:
            continue
        while stack:
            outer = found[stack[-1]].whole
            if outer is not None and outer.end > whole.start:
                break
            stack.pop()
        for position in reversed(stack):
            holder = found[position]
            inner = one.cue or one.whole
            if inner and _holds(holder.content, inner):
                if holder.content != one.content:
                    one.parent = position
                    one.content = _within(holder.content, one.content, inner)
                break
        stack.append(index)


def _holds(content: list[Span], inner: Span) -> bool:
    place = bisect_right(content, inner.start, key=lambda span: span.start) - 1
    return place >= 0 and content[place].holds(inner)


def _within(outer: list[Span], content: list[Span], cue: Span) -> list[Span]:
    """The words of a report within reported words: none of them goes on behind those."""
    place = bisect_right(outer, cue.start, key=lambda span: span.start) - 1
    end = outer[place].end
    return [Span(one.start, min(one.end, end)) if one.start < end else one for one in content]
