"""Sets of keys that take little memory, however many records there are."""

from collections.abc import Iterable, Iterator


class KeySet:
    """A set of keys at a bit for each that might be in it: keys are counted from 1."""

    def __init__(self, keys: Iterable[int] = ()) -> None:
        self._bits = bytearray()
        for key in keys:
            self.add(key)

    def add(self, key: int) -> None:
        missing = (key >> 3) + 1 - len(self._bits)
        if missing > 0:
            self._bits.extend(bytes(max(missing, len(self._bits) // 8)))
        self._bits[key >> 3] |= 1 << (key & 7)

    def __contains__(self, key: int) -> bool:
        place = key >> 3
        return place < len(self._bits) and bool(self._bits[place] >> (key & 7) & 1)

    def __iter__(self) -> Iterator[int]:
        for place, byte in enumerate(self._bits):
            if byte:
                yield from (place << 3 | bit for bit in range(8) if byte >> bit & 1)
