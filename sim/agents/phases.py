"""The phases of an implementation, as data, and how far an organisation has come with each."""

from dataclasses import dataclass

from sim.layout import NOT_YET


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the implementation model: what is planned (`sim.layout.PLAN`)."""

    manager_hours: float
    team_hours: float
    planned_weeks: float
    feeds: int
    overlaps: bool
    delay_weeks: int
    recurs: bool

    def first_turn(self, before: "Progress | None") -> int:
        """Return the week in which it may open, after the phase before it; -1: not known."""
        if before is None:
            return self.delay_weeks
        since = before.opened if self.overlaps else before.done
        if since < 0:
            return -1
        return since + self.delay_weeks + (0 if self.overlaps else 1)

    def next_round(self, progress: "Progress", live_week: int, every: int) -> int:
        """Return the week in which a phase that recurs may open again; -1: not known.

        ``every`` is the number of weeks between rounds, 0 for none; the first is counted from
        ``live_week`` (-1: not live).
        """
        if every <= 0 or live_week < 0 or progress.active:
            return -1
        latest = progress.since if progress.since >= 0 else live_week
        return latest + every + self.delay_weeks


@dataclass(slots=True)
class Progress:
    """An organisation's progress with a phase (`sim.layout.PROGRESS`); weeks are 0-based.

    ``opened`` is the week of the first round, ``since`` of the present one.
    """

    manager_left: float = 0.0
    team_left: float = 0.0
    work: float = 0.0
    quality: float = 0.0
    opened: int = NOT_YET
    since: int = NOT_YET
    manager_done: int = NOT_YET
    team_done: int = NOT_YET
    done: int = NOT_YET
    active: bool = False

    def open(self, week: int, manager_hours: float, team_hours: float) -> None:
        """Begin the phase, or a new round of it, with the hours it really takes."""
        self.active = True
        self.since = week
        if self.opened < 0:
            self.opened = week
        self.manager_left = manager_hours
        self.team_left = team_hours
        self.work = 0.0
        self.quality = 0.0

    def do_work(self, week: int, by_manager: float, by_team: float, quality: float) -> bool:
        """Take a week's work, and its quality; say whether everything is done."""
        self.manager_left -= by_manager
        self.team_left -= by_team
        self.work += by_manager + by_team
        self.quality += quality
        if self.manager_left <= 0.0 and self.manager_done < 0:
            self.manager_done = week
        if self.team_left <= 0.0 and self.team_done < 0:
            self.team_done = week
        return self.manager_left <= 0.0 and self.team_left <= 0.0

    def mean_quality(self) -> float:
        """Return the quality (0..1) of the work done so far."""
        return self.quality / self.work if self.work > 0.0 else 0.0
