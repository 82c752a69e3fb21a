"""What was asked for last is kept; what was asked for longest ago is dropped."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Latest(Generic[K, V]):
    """At most ``room`` values by key."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._kept: OrderedDict[K, V] = OrderedDict()

    def take(self, key: K) -> V | None:
        """Take a value out, None if it is not there; `keep` puts it back as the latest."""
        return self._kept.pop(key, None)

    def keep(self, key: K, value: V) -> None:
        """Keep a value as the latest, and drop the oldest if there are too many."""
        self._kept[key] = value
        if len(self._kept) > self.room:
            self._kept.popitem(last=False)
