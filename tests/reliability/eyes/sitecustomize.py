"""Eyes inside a sweep's processes: Python imports this at its start when it is on the path.

Writes a line to the file that MIH_EYES names for each socket that is made and for each chunk that
is begun.
"""

import os
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder

WATCHED = "sim.experiment.execute.worker"


def say(line: str) -> None:
    """Add a line in one go, so that several processes may."""
    place = os.open(os.environ["MIH_EYES"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(place, f"{line}\n".encode())
    os.close(place)


def hear(event: str, _: object) -> None:
    """Note everything that has to do with sockets; a host's name needs none."""
    if event.startswith("socket.") and event != "socket.gethostname":
        say(event)


class Watching(Loader):
    """Loads the module and notes each chunk that it begins."""

    def __init__(self, real: Loader) -> None:
        self.real = real

    def create_module(self, spec):
        return self.real.create_module(spec)

    def exec_module(self, module):
        self.real.exec_module(module)
        real = module.run_chunk

        def run_chunk(plan, numbers, *rest, **words):
            if len(numbers):
                say(f"chunk {numbers.start // plan.chunk_runs}")
            return real(plan, numbers, *rest, **words)

        module.run_chunk = run_chunk


class Finder(MetaPathFinder):
    """Finds the module as Python would."""

    def find_spec(self, name, path, target=None) -> ModuleSpec | None:
        if name != WATCHED:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = Watching(spec.loader)
        return spec


if "MIH_EYES" in os.environ:
    sys.addaudithook(hear)
    sys.meta_path.insert(0, Finder())
    say(f"process {os.getpid()}")
