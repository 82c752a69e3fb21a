"""Agents of one's own in a sweep: files hold their names and the hash of their source, no code."""

import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sim.errors import DriftError, InputError
from sim.experiment.store.encoding import sha256


@dataclass(frozen=True, slots=True)
class Own:
    """Classes that stand in for those of the model: ``classes`` is for this process alone."""

    classes: Mapping[type, type]

    def described(self) -> dict[str, dict[str, str]]:
        """Return, by the class replaced, where the other is found and the hash of its source."""
        return {
            kind.__name__: {"class": _reference(own), "source": _source(own)}
            for kind, own in self.classes.items()
        }

    @property
    def importable(self) -> bool:
        """Whether another process can import the classes: none was made in a function or here."""
        return all(
            own.__module__ != "__main__"
            and "<locals>" not in own.__qualname__
            and _found(own.__module__, own.__qualname__) is own
            for own in self.classes.values()
        )


def own_of(agents: Mapping[type, type] | None) -> Own | None:
    """Return agents of one's own, None for none. Raises InputError, TypeError for wrong classes."""
    if not agents:
        return None
    from sim.agents.model import checked

    made = Own(checked(agents))
    made.described()
    return made


def restored(described: Mapping[str, Mapping[str, str]]) -> Own | None:
    """Return the agents that a manifest names, imported anew.

    Raises DriftError if one cannot be imported or its source is another.
    """
    if not described:
        return None
    import sim.agents

    classes = {}
    for name, one in described.items():
        module, _, qualname = one["class"].partition(":")
        own = _found(module, qualname)
        if own is None or _source(own) != one["source"]:
            raise DriftError(
                f"agents: {one['class']} cannot be imported as it was when the sweep began"
            )
        classes[getattr(sim.agents, name)] = own
    return Own(classes)


def _reference(own: type) -> str:
    return f"{own.__module__}:{own.__qualname__}"


def _found(module: str, qualname: str) -> Any:
    """Return what a module holds under a name, None if it cannot be imported."""
    try:
        place: Any = sys.modules.get(module) or import_module(module)
        for part in qualname.split("."):
            place = getattr(place, part)
    except (ImportError, AttributeError):
        return None
    return place


def _source(own: type) -> str:
    """Return the hash of the source of a class and of its bases outside this package."""
    texts = []
    for one in own.__mro__:
        if one.__module__.split(".")[0] in ("sim", "mesa", "builtins", "typing"):
            continue
        try:
            texts.append(inspect.getsource(one))
        except (OSError, TypeError) as error:
            raise InputError(
                f"agents: the source of {_reference(one)} cannot be read, and results are "
                "kept together with its hash; define it in a file or a notebook cell"
            ) from error
    return sha256("\n".join(texts).encode())
