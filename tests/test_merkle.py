"""The tree of RFC 9162: its known answers, every pair of sizes, and no proof but the right one."""

import hashlib

import pytest

from app.store import merkle
from app.store.merkle import Growing, Hash

ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The entries and answers of the Certificate Transparency project's own tests (RFC 6962)."""
ROOTS = [
    bytes.fromhex(line)
    for line in """
6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
""".splitlines()
    if line
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
G = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
MOST = 40


class Leaves:
    """A tree whose entries are all at hand."""

    def __init__(self, entries: list[bytes]) -> None:
        self.hashes = list(map(merkle.leaf, entries))

    def __call__(self, level: int, index: int) -> Hash:
        return merkle.complete(self.hashes[index << level : (index + 1) << level])


KNOWN = Leaves(ENTRIES)
MANY = Leaves([number.to_bytes(2, "big") for number in range(MOST)])
TREES = [merkle.root(MANY, size) for size in range(MOST + 1)]


def _hex(path: list[Hash]) -> list[str]:
    return [hash.hex() for hash in path]


def test_known_roots() -> None:
    growing = Growing()
    assert growing.root() == merkle.root(KNOWN, 0) == hashlib.sha256(b"").digest()
    for size, root in enumerate(ROOTS, start=1):
        growing.add(KNOWN.hashes[size - 1])
        assert growing.root() == merkle.root(KNOWN, size) == root


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [(0, 1, []), (0, 8, [A, B, C]), (5, 8, [D, E, F]), (1, 5, [merkle.leaf(b"").hex(), B, D])],
)
def test_known_inclusion_proofs(index: int, size: int, path: list[str]) -> None:
    assert _hex(merkle.inclusion(KNOWN, index, size)) == path


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [G, E, F]), (2, 5, [B, D]), (8, 8, [])],
)
def test_known_consistency_proofs(old: int, new: int, path: list[str]) -> None:
    assert _hex(merkle.consistency(KNOWN, old, new)) == path


def test_the_example_of_the_rfc() -> None:
    """RFC 9162, 2.1.5: the tree over seven entries, whose nodes it names a to l."""
    a, b, c, d, e, f, j = KNOWN.hashes[:7]
    node = merkle.node
    g, h, i = node(a, b), node(c, d), node(e, f)
    k, l = node(g, h), node(i, j)  # noqa: E741  # the RFC's own names
    assert merkle.root(KNOWN, 7) == node(k, l)
    proofs = {0: [b, h, l], 3: [c, g, l], 4: [f, j, k], 6: [i, k]}
    for index, path in proofs.items():
        assert merkle.inclusion(KNOWN, index, 7) == path
    assert merkle.consistency(KNOWN, 3, 7) == [c, d, g, l]
    assert merkle.consistency(KNOWN, 4, 7) == [l]
    assert merkle.consistency(KNOWN, 6, 7) == [i, j, k]


def test_every_entry_of_every_tree_is_proved_and_nowhere_else() -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            path = merkle.inclusion(MANY, index, size)
            for other in range(size):
                fits = merkle.includes(other, size, MANY.hashes[index], path, TREES[size])
                assert fits == (other == index)


def test_every_two_trees_are_consistent_and_with_no_other_root() -> None:
    for new in range(MOST + 1):
        for old in range(new + 1):
            path = merkle.consistency(MANY, old, new)
            for other in range(MOST + 1):
                was = merkle.extends(old, new, TREES[other], TREES[new], path)
                assert was == (other == old)
                if old and other != new:
                    assert not merkle.extends(old, new, TREES[old], TREES[other], path)


def test_a_proof_with_anything_changed_is_refused() -> None:
    root, wrong = TREES[MOST], bytes(32)
    for index in range(MOST):
        hash, path = MANY.hashes[index], merkle.inclusion(MANY, index, MOST)
        for broken in _broken(path, wrong):
            assert not merkle.includes(index, MOST, hash, broken, root)
        assert not merkle.includes(index, MOST, wrong, path, root)
        assert not merkle.includes(MOST, MOST, hash, path, root)
    for old in range(1, MOST):
        path = merkle.consistency(MANY, old, MOST)
        for broken in _broken(path, wrong):
            assert not merkle.extends(old, MOST, TREES[old], root, broken)
        assert not merkle.extends(MOST, old, root, TREES[old], path)


def _broken(path: list[Hash], wrong: Hash) -> list[list[Hash]]:
    changed = [[*path[:at], wrong, *path[at + 1 :]] for at in range(len(path))]
    return [*changed, path[:-1] if path else [wrong], [*path, wrong], [wrong, *path]]
