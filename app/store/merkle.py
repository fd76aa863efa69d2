"""A Merkle tree over a growing list, by RFC 9162, section 2: pure functions, SHA-256.

A tree is given as a function `of(level, index)`: the hash of the complete subtree over the
2**level entries from index * 2**level on. Proofs are made from such hashes and checked without
them. Where a proof is checked, the roots are what the caller trusts.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

Hash = bytes
Subtree = Callable[[int, int], Hash]

EMPTY: Hash = hashlib.sha256().digest()
"""The root of a tree without entries."""


def leaf(entry: bytes) -> Hash:
    """The hash of an entry; its prefix keeps it apart from that of a node (2.1.1)."""
    return hashlib.sha256(b"\0" + entry).digest()


def node(left: Hash, right: Hash) -> Hash:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def complete(hashes: Sequence[Hash]) -> Hash:
    """The hash over neighbouring subtrees of one size, whose number is a power of two."""
    row = list(hashes)
    while len(row) > 1:
        row = [node(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


class Growing:
    """The root of a list that is read once: holds one hash for each bit of its length."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[Hash] = []

    def add(self, hash: Hash) -> None:
        """Take the hash of the next entry."""
        size = self.size
        while size & 1:
            hash = node(self._peaks.pop(), hash)
            size >>= 1
        self._peaks.append(hash)
        self.size += 1

    def root(self) -> Hash:
        return _joined(self._peaks)


def root(of: Subtree, size: int) -> Hash:
    """The root of the tree over the first `size` entries."""
    return _range(of, 0, size)


def inclusion(of: Subtree, index: int, size: int) -> list[Hash]:
    """The proof that entry `index`, from 0, is in the tree of `size` (2.1.3.1)."""
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _half(end - start)
        if index < middle:
            path.append(_range(of, middle, end))
            end = middle
        else:
            path.append(_range(of, start, middle))
            start = middle
    return path[::-1]


def includes(index: int, size: int, hash: Hash, path: Iterable[Hash], root: Hash) -> bool:
    """Whether a proof shows that the entry with this hash is number `index` (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    first, last = index, size - 1
    for beside in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            hash = node(beside, hash)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            hash = node(hash, beside)
        first, last = first >> 1, last >> 1
    return last == 0 and hash == root


def consistency(of: Subtree, old: int, new: int) -> list[Hash]:
    """The proof that the tree of `new` entries begins with the `old` ones (2.1.4.1).

    Empty where they are the same tree, and from an empty one, which every tree extends.
    """
    if not old:
        return []
    path, start, end = [], 0, new
    while old != end:
        middle = start + _half(end - start)
        if old <= middle:
            path.append(_range(of, middle, end))
            end = middle
        else:
            path.append(_range(of, start, middle))
            start = middle
    if start:
        path.append(_range(of, start, end))
    return path[::-1]


def extends(old: int, new: int, old_root: Hash, new_root: Hash, path: Sequence[Hash]) -> bool:
    """Whether a proof shows that the new tree begins with the old one (2.1.4.2)."""
    if old == new or old == 0:
        return not path and old_root == (new_root if old else EMPTY)
    if not 0 < old < new or not path:
        return False
    if old & (old - 1) == 0:
        path = [old_root, *path]
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    was = now = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            was, now = node(beside, was), node(beside, now)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            now = node(now, beside)
        first, last = first >> 1, last >> 1
    return last == 0 and was == old_root and now == new_root


def _half(size: int) -> int:
    """The largest power of two below `size`: how many entries go to the left."""
    return 1 << (size - 1).bit_length() - 1


def _range(of: Subtree, start: int, end: int) -> Hash:
    """The hash over entries `start` to `end`, where `start` begins a subtree at least as large."""
    return _joined(list(_peaks(of, start, end)))


def _peaks(of: Subtree, start: int, end: int) -> Iterator[Hash]:
    while start < end:
        level = (end - start).bit_length() - 1
        yield of(level, start >> level)
        start += 1 << level


def _joined(peaks: Sequence[Hash]) -> Hash:
    if not peaks:
        return EMPTY
    *rest, found = peaks
    for left in reversed(rest):
        found = node(left, found)
    return found
