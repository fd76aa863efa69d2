"""From what the rules found in each sentence to proposals of the whole text."""

from collections.abc import Callable

from app.extract import afterwards, lexicon, sentences
from app.extract.nesting import nest
from app.extract.phrases import phrase_after
from app.extract.pointing import can_be_meant, pointed
from app.extract.proposal import Mention, Proposal, Span
from app.extract.report import Range, Report
from app.extract.sentences import Sentence
from app.extract.speakers import speaks
from app.extract.subjects import first_subject, subject
from app.extract.tokens import END, Item, Quote, Words, items, paragraphs, quotes

SENTENCE_WORDS = 5
"""A quotation of fewer words, beside no cue, is a name, a title or a word held at a distance."""


def proposals(
    text: str, read: Callable[[str, list[Sentence]], list[list[Report]]]
) -> list[Proposal]:
    """The attributions of a text in reading order; `read` is the back end."""
    spans = paragraphs(text)
    quoted = quotes(text, spans)
    all_sentences: list[Sentence] = []
    seen: set[str] = set()
    for index, span in enumerate(spans):
        line = text[span.start : span.end]
        if sentences.credit(line) or (len(line) < 300 and line.lstrip("•*- ") in seen):
            continue
        seen.add(line.lstrip("•*- "))
        start = sentences.dateline(text, span)
        while start < span.end and text[start] in "•*- \t":
            start += 1
        span.start = start
        inside = [quote for quote in quoted[index] if quote.outer_start >= start]
        all_sentences += sentences.split(items(text, span, inside), index)
    reports = read(text, all_sentences)
    found: list[Proposal] = []
    state = _State()
    for sentence, made in zip(all_sentences, reports, strict=True):
        state.sentence(text, sentence, made, found)
    found.sort(key=_place)
    nest(found)
    afterwards.credit(text, found)
    return found


def _place(one: Proposal) -> tuple[int, int]:
    places = [span.start for span in one.content] + ([one.cue.start] if one.cue else [])
    return min(places), -max(span.end for span in one.content) if one.content else 0


_MARKS = frozenset("”\"’'»“,")
"""What stands at the end of words that a quotation ends."""


class _State:
    """What the sentence before leaves for the next: who spoke, and what may go on."""

    def __init__(self) -> None:
        self.last: Proposal | None = None
        self.paragraph = -1
        self.told: tuple[int, list[Mention]] | None = None
        """Who is the subject of a sentence that ends with a colon, and its paragraph."""
        self.reported: tuple[int, list[Mention]] | None = None
        """Whose words alone a paragraph of one sentence reports, and that paragraph."""
        self.open: Proposal | None = None
        """The proposal whose quotation goes on in the next paragraph."""
        self.untold: Sentence | None = None
        """The sentence before, if nobody is told to say it."""

    def sentence(
        self, text: str, sentence: Sentence, made: list[Report], found: list[Proposal]
    ) -> None:
        words = sentence.items
        taken: set[int] = set()
        speaker: list[Mention] | None = None
        latest: Proposal | None = None
        here = len(found)
        for report in _kept(made):
            one = _proposal(words, report)
            if report.previous and speaker is not None:
                one.speakers = [Mention(mention.span) for mention in speaker]
            inner = one.cue is not None and any(
                span.holds(one.cue) for other in found[here:] for span in other.content
            )
            if one.speakers and (speaker is None or not inner):
                speaker = one.speakers
            self._go_on(words, one, found)
            found.append(one)
            if inner and one.quotation_type != "direct":
                continue
            for start, end in report.content:
                taken |= {id(item) for item in words[start:end] if item.quote}
            if one.quotation_type in ("direct", "mixed"):
                latest = one
            if not report.previous or latest is None:
                self.last = one if one.speakers else self.last
                if one.speakers:
                    self.paragraph = sentence.paragraph
        self._pointed(sentence, made, found)
        commented = _commented(words) if not made else None
        if words[-1].text == ":" or commented:
            start, end = commented or first_subject(words, len(words))
            own = [Mention(_span(words, (start, end)))] if end > start else []
            self.told = (sentence.paragraph, speaker or own)
        loose = [item for item in words if item.quote and id(item) not in taken]
        for item in loose:
            self._loose(text, sentence, item, found, latest, speaker)
        self._alone(sentence, found[here:])
        if latest is not None:
            self.last, self.paragraph = latest, sentence.paragraph
        ending = next((item for item in reversed(words) if item.quote), None)
        if ending is not None and ending.quote and ending.quote.continues:
            self.open = latest or self.open or (found[-1] if found else None)
        elif ending is not None:
            self.open = None

    def _pointed(self, sentence: Sentence, made: list[Report], found: list[Proposal]) -> None:
        """Propose the sentence before, where this one says whose it is: `The mayor said this.`"""
        before, self.untold = self.untold, None
        if made:
            return
        whose = pointed(sentence.items)
        if whose is None:
            self.untold = sentence if can_be_meant(sentence.items) else None
        elif before is not None and sentence.paragraph - before.paragraph < 2:
            report = Report("said-this", 0.8, whose[1], [], whose[0], lemma="say", act="assertion")
            one = _proposal(sentence.items, report)
            one.content, _, _ = _pieces(before.items, (0, len(before.items)))
            one.quotation_type = "indirect"
            found.append(one)

    def _alone(self, sentence: Sentence, made: list[Proposal]) -> None:
        """Remember who is reported by a paragraph of one sentence, for a quotation that is the
        next: `Lemm says it rained.` / `“It rained all day.”`"""
        here = self.reported is not None and self.reported[0] == sentence.paragraph
        plain = [one for one in made if one.rule in ("verb-that", "verb-clause", "verb-hearer")]
        self.reported = None
        if sentence.first and not here and plain and plain[0].cue and made[0] is plain[0]:
            self.reported = (sentence.paragraph, plain[0].speakers)

    def _go_on(self, words: Words, one: Proposal, found: list[Proposal]) -> None:
        """A quotation whose speaker is only named after its last paragraph is one with it."""
        first = words[0].quote
        if self.open is None or first is None or self.open.rule != "quote-alone":
            return
        if one.content and one.content[0].start == first.start:
            one.content = [*self.open.content, *one.content]
            found.remove(self.open)
            self.open = None

    def _loose(
        self,
        text: str,
        sentence: Sentence,
        item: Item,
        found: list[Proposal],
        latest: Proposal | None,
        speaker: list[Mention] | None,
    ) -> None:
        quote = item.quote
        assert quote is not None
        span = _trimmed(text, quote)
        words = len(item.text.split())
        bare = sentence.bare
        if self.open is not None and sentence.items[0] is item:
            self.open.content.append(span)
            if quote.continues:
                return
            if bare:
                self.last, self.paragraph = self.open, sentence.paragraph
            return
        if bare:
            ends = item.text[-1] in ".!?…" or words >= SENTENCE_WORDS
            if not ends or (words < 3 and not (self.last and self.paragraph == sentence.paragraph)):
                return
            if (
                self.last is not None
                and self.last.quotation_type in ("direct", "mixed")
                and (self.paragraph == sentence.paragraph)
                and text[self.last.content[-1].end - 1 : self.last.content[-1].end + 1].strip()[-1:]
                in _MARKS
            ):
                self.last.content.append(span)
                return
            one = Proposal([span], "direct", "quote-alone", 0.6)
            if self.told and sentence.paragraph - self.told[0] in (0, 1):
                one.speakers = [Mention(m.span) for m in self.told[1]]
                self.told = None
            elif self.last is not None and self.paragraph == sentence.paragraph:
                one.speakers = [Mention(m.span) for m in self.last.speakers]
            elif (
                self.last is not None
                and self.paragraph == sentence.paragraph - 1
                and self.last.quotation_type == "direct"
            ):
                one.speakers = [Mention(m.span) for m in self.last.speakers]
                one.confidence = 0.5
            elif self.reported and self.reported[0] == sentence.paragraph - 1:
                one.speakers = [Mention(m.span) for m in self.reported[1]]
            found.append(one)
            self.last, self.paragraph = one, sentence.paragraph
            return
        index = sentence.items.index(item)
        if _title(item.text) and latest is None:
            return
        if words >= SENTENCE_WORDS and index and sentence.items[index - 1].text in (":", "—", "–"):
            one = Proposal([span], "direct", "quote-colon", 0.6)
            if latest is not None:
                one.speakers = [Mention(m.span) for m in latest.speakers]
            elif speaker:
                one.speakers = [Mention(m.span) for m in speaker]
            else:
                start, end = first_subject(sentence.items, index)
                whole = phrase_after(sentence.items, 0)
                if index == whole + 1 and speaks(sentence.items, 0, whole):
                    start, end = 0, whole  # `Oto Lemm: “We have won”`
                if end > start:
                    one.speakers = [Mention(_span(sentence.items, (start, end)))]
            found.append(one)
            self.last, self.paragraph = one, sentence.paragraph


_COMMENTING = lexicon.words("commented reacted responded spoke stated said told")


def _commented(words: Words) -> Range | None:
    """Who comments, in a line that ends without a mark and leaves the words to the next."""
    if words[-1].text in END:
        return None
    verb = next((at for at in range(len(words) - 1, 0, -1) if words[at].lower in _COMMENTING), 0)
    whose = subject(words, verb) if verb else None
    return (whose.start, whose.end) if whose and whose.found else None


def _title(words: str) -> bool:
    """Whether most of these words have capitals: `The Grey Sea and Its Towns`."""
    long = [word for word in words.split() if len(word) > 3]
    return words[-1] not in ".!?" and 2 * sum(word[0].isupper() for word in long) > len(long) + 1


def _trimmed(text: str, quote: Quote) -> Span:
    end = quote.end
    while end > quote.start + 1 and text[end - 1] in ",;–—":
        end -= 1
    return Span(quote.start, end)


def _kept(made: list[Report]) -> list[Report]:
    """The reports of a sentence without those that repeat a better one's words."""
    made = sorted(made, key=lambda one: (one.cue, -one.confidence))
    kept: list[Report] = []
    for report in made:
        if any(_same(report, other) for other in kept):
            continue
        kept.append(report)
    return kept


def _same(report: Report, other: Report) -> bool:
    if report.cue[0] < other.cue[1] and other.cue[0] < report.cue[1]:
        return True
    if report.polarity != other.polarity:
        return False  # `Norland said it had won, a claim that Sevria denied`
    a, b = _positions(report), _positions(other)
    if not a or not b or report.cue[0] in b or other.cue[0] in a:
        return False
    return len(a & b) > 0.8 * len(a | b)


def _positions(report: Report) -> set[int]:
    return {index for start, end in report.content for index in range(start, end)}


def _proposal(words: Words, report: Report) -> Proposal:
    content: list[Span] = []
    quoted = plain = 0
    for part in sorted(report.content):
        pieces, inside, outside = _pieces(words, part)
        content += pieces
        quoted += inside
        plain += outside
    if not report.content:
        kind = "reported"
    elif quoted and not plain:
        kind = "direct"
    elif quoted:
        kind = "mixed"
    else:
        kind = "indirect"
    one = Proposal(content, kind, report.rule, report.confidence)
    one.cue = Span(words[report.cue[0]].start, words[report.cue[1] - 1].end)
    one.lemma = report.lemma
    if report.speaker:
        one.speakers = [Mention(_span(words, report.speaker))]
    if report.addressee:
        one.addressees = [Mention(_span(words, report.addressee))]
    one.polarity, one.factuality = report.polarity, report.factuality
    one.speech_act = report.act
    one.mode = "thought" if report.thought else None
    return one


def _span(words: Words, part: Range) -> Span:
    return Span(words[part[0]].start, words[part[1] - 1].end)


def _pieces(words: Words, part: Range) -> tuple[list[Span], int, int]:
    """The spans of a stretch: whole, but for the marks of a quotation that is all of it."""
    start, end = part
    while start < end and not words[start].quote and words[start].text in (",", ":", "-", "–", "—"):
        start += 1
    while end > start and not words[end - 1].quote and words[end - 1].text in ",;:-–—.!?":
        end -= 1
    stretch = words[start:end]
    if not stretch:
        return [], 0, 0
    quoted = sum(len(item.text.split()) for item in stretch if item.quote)
    plain = sum(1 for item in stretch if not item.quote and item.text[0].isalnum())
    if not plain:
        spans = []
        for item in stretch:
            if item.quote:
                last = item.text.rstrip(",;–— ")
                spans.append(Span(item.quote.start, item.quote.start + max(1, len(last))))
        return spans, quoted, plain
    last_item = stretch[-1]
    stop = last_item.end
    return [Span(stretch[0].start, stop)], quoted, plain
