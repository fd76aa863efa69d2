"""What an extractor proposes: pure data, with spans in code points of the text."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open, in code points of the text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]

    def holds(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(slots=True)
class Mention:
    """Somebody as printed, and who it is read to be."""

    span: Span
    """The whole mention: “Russian President Vladimir Putin”."""
    name: Span | None = None
    """What names them in it; null where nothing does."""
    role: Span | None = None
    """The office as printed."""
    status: str = "unresolved"
    """After SpeakerStatus: named, role_only, collective, anonymous, document, unresolved."""
    actor: str | None = None
    """The id of who is meant, where the names handed in leave one reading."""

    @property
    def core(self) -> Span:
        return self.name or self.span


@dataclass(slots=True)
class Number:
    """A figure in reported words; members as in the record's Figure."""

    measure: str
    span: Span
    as_worded: str
    qualifier: str
    low: float | None = None
    best: float | None = None
    high: float | None = None
    population: str | None = None
    per: str | None = None
    status: str = "stated"
    party: Span | None = None
    """Whose people or losses, as printed."""
    parties: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Proposal:
    """One attribution that a person may accept: who, by which cue, which words."""

    content: list[Span]
    """In reading order; empty: that they spoke is reported, not what."""
    quotation_type: str
    rule: str
    """The rule that fired."""
    confidence: float
    """Between 0 and 1: of those like it that were judged, the share that was right."""
    speakers: list[Mention] = field(default_factory=list)
    own_voice: bool = False
    """The document says so itself, and is the speaker."""
    joint: bool | None = None
    cue: Span | None = None
    lemma: str = ""
    addressees: list[Mention] = field(default_factory=list)
    polarity: str = "affirmed"
    factuality: str = "actual"
    speech_act: str | None = None
    mode: str | None = None
    parent: int | None = None
    """The position, in the list of proposals, of the one inside whose words this one stands."""
    figures: list[Number] = field(default_factory=list)
    known: str | None = None
    """The id of a statement of the record that it seems to repeat."""

    @property
    def whole(self) -> Span | None:
        """From the first word of the content to the last."""
        if not self.content:
            return None
        return Span(self.content[0].start, self.content[-1].end)
