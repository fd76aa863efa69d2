"""Many cases in one test, where each as a test of its own would cost more to set up than to ask."""

from collections.abc import Iterator
from contextlib import contextmanager


class Cases:
    """Runs every case to the last; then fails with all that failed, each told by its name.

    with Cases() as cases:
        for value in VALUES:
            with cases.named(value):
                assert …
    """

    def __init__(self) -> None:
        self.failed: list[Exception] = []

    def __enter__(self) -> "Cases":
        return self

    def __exit__(self, type: object, error: object, trace: object) -> None:
        if self.failed and error is None:
            raise ExceptionGroup(f"{len(self.failed)} cases failed", self.failed)

    @contextmanager
    def named(self, *name: object) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            error.add_note(f"in the case {' '.join(str(one)[:200] for one in name)}")
            self.failed.append(error)
