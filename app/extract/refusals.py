"""What an extractor cannot do, said so that the reader can mend it."""


class Unreadable(ValueError):
    """A text that nothing can be proposed from."""


class NoPipeline(RuntimeError):
    """spaCy, or the pipeline that was asked for, is not installed."""
