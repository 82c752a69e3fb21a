"""What all agents of the model have in common."""

from typing import TYPE_CHECKING, Any

import mesa

if TYPE_CHECKING:
    from sim.agents.model import Model


class _Numbers:
    """Numbers the agents of each model from 1.

    Mesa before 3.4 keeps these counters, and with them every model ever made, for good.
    """

    def __getitem__(self, model: "Model") -> Any:
        return model.agent_numbers


class Agent(mesa.Agent):  # type: ignore[misc]  # mesa has no types
    """An agent of the model; ``model.p`` holds the parameters that the rules read."""

    model: "Model"
    _ids = _Numbers()
