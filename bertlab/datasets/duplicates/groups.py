"""Union-find: what belongs together, directly or through others, has one number."""


class Groups:
    """Numbered things, each alone at first; what is joined has one root, its smallest number.

    After `join(0, 2)` and `join(2, 3)` of four things the roots are `[0, 1, 0, 0]`.
    """

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, at: int) -> int:
        """Return the smallest number of the group that a thing is in."""
        parent = self._parent
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    def join(self, one: int, other: int) -> None:
        """Make one group of two."""
        low, high = sorted((self.root(one), self.root(other)))
        self._parent[high] = low

    def roots(self) -> list[int]:
        """Return the root of each thing, in order."""
        return [self.root(at) for at in range(len(self._parent))]
