"""Clinicians: training, starting, lapsing, and what use teaches and costs."""

from sim.compiled import rule
from sim.rules.chance import NEVER, intensity, kept, relax
from sim.rules.types import P

NOTHING, LEAVES, TRAINS, CHANGES_USE = 0, 1, 2, 3
"""What a clinician's week brings."""


@rule
def training_hazard(p: P, motivation: float, overload: float, key_user: float) -> float:
    """Return the weekly hazard that a clinician asks for a training seat."""
    rate = p.training_rate * (p.training_key_user if key_user > 0.0 else 1.0)
    exponent = p.training_motivation * (motivation - p.motivation_reference)
    return intensity(rate, exponent - p.training_overload * overload)


@rule
def newcomer_weeks(p: P, week: int, newcomer: int) -> float:
    """Return how many weeks of asking for training count in this week: 0 while newcomers wait.

    Newcomers are trained continuously (1), every so many weeks, or never (0).
    """
    every = int(p.newcomer_training_weeks)
    if newcomer == 0 or every == 1:
        return 1.0
    if every == 0 or week % every != 0:
        return 0.0
    return float(every)


@rule
def start_hazard(
    p: P,
    motivation: float,
    clarity: float,
    fit: float,
    usability: float,
    skill: float,
    peers: float,
    overload: float,
    trained: float,
    resuming: float,
) -> float:
    """Return the weekly hazard that a clinician starts (or resumes) use of the platform.

    Weights follow De Veirman 2022 (doi 10.2196/34754; usefulness, task, access) in direction and
    order; peers: 11,958 physicians, upper zone (homophily inflates).
    """
    rate = p.start_rate
    if trained == 0:
        rate *= p.start_untrained
    if resuming > 0:
        rate *= p.start_resuming
    exponent = (
        p.start_motivation * (motivation - p.motivation_reference)
        + p.start_clarity * (clarity - p.clarity_reference)
        + p.start_fit * (fit - p.quality_reference)
        + p.start_usability * (usability - p.quality_reference)
        + p.start_skill * skill
        + p.start_peers * peers
        - p.start_overload * overload
    )
    return intensity(rate, exponent)


@rule
def expected_load(p: P, load: float, skill: float, protected: int) -> float:
    """Return the load a clinician expects as a user: what learning takes beyond protected hours.

    Who decides to start looks ahead; so protected time makes room for starting, too.
    """
    hours = p.learning_hours * (1.0 - skill)
    return load + (hours - protected_used(p, hours, protected)) / p.contract_hours


@rule
def lapse_hazard(
    p: P, habit: float, strain: float, overload: float, experience: float, support: float
) -> float:
    """Return the weekly hazard that a clinician who uses the platform stops using it."""
    exponent = (
        -p.lapse_habit * habit
        + p.lapse_strain * (strain - p.strain_reference)
        + p.lapse_overload * overload
        - p.lapse_experience * experience
        - p.lapse_support * support
    )
    return intensity(p.lapse_rate, exponent)


@rule
def invitation_hazard(p: P, habit: float, motivation: float) -> float:
    """Return the weekly hazard that a clinician who uses the platform invites a given patient."""
    exponent = p.invitation_habit * habit
    exponent += p.invitation_motivation * (motivation - p.motivation_reference)
    return intensity(p.invitation_rate, exponent)


@rule
def first_of(leave: float, train: float, use: float) -> int:
    """Return which of a clinician's events comes first this week, from their crossing times."""
    if leave >= NEVER and train >= NEVER and use >= NEVER:
        return NOTHING
    if leave <= train and leave <= use:
        return LEAVES
    return TRAINS if train <= use else CHANGES_USE


@rule
def peers_seen(p: P, neighbours_using: float, neighbours: float, shown: float) -> float:
    """Return the share of peers a clinician sees using the platform.

    Neighbours' use, and the adoption shown at the last evaluation (``shown`` < 0: none yet).
    """
    own = neighbours_using / neighbours if neighbours > 0.0 else 0.0
    return (1.0 - p.shown_weight) * own + p.shown_weight * max(0.0, shown)


@rule
def next_habit(p: P, habit: float, using: bool) -> float:
    """Return habit (0..1) after a week: it grows with use and fades without."""
    if using:
        return relax(habit, 1.0, p.habit_gain_kept)
    return habit * p.habit_fade_kept


@rule
def skill_kept(p: P, support: float) -> float:
    """Return the share of skill that is left after a week without use.

    Without coaching half is gone in 6.5-13 months (Tatel & Ackerman, doi 10.1037/bul0000481);
    coached skill stays (Schwalbe 2014).
    """
    return kept(p.skill_forgetting * (1.0 - support))


@rule
def next_skill(p: P, skill: float, using: bool, free_hours: float, unused_kept: float) -> float:
    """Return skill (0..1) after a week of practice, which needs free time, or of forgetting.

    ``unused_kept`` is `skill_kept` of the organisation's support, which all its people share.
    """
    if using:
        ample = free_hours / (1.0 + free_hours)
        return relax(skill, 1.0, kept(p.skill_practice * (1.0 + p.practice_time * ample)))
    return skill * unused_kept


@rule
def trained_skill(p: P, skill: float, quality: float) -> float:
    """Return skill (0..1) right after a training; its gain depends on the training's quality."""
    gain = p.training_gain * (1.0 - p.training_quality + p.training_quality * quality)
    return skill + gain * (1.0 - skill)


@rule
def next_experience(p: P, experience: float, completed: int, dropped: int) -> float:
    """Return experience (about -.65 .. +.35) after own patients completed or dropped out.

    A completed course counts 1 - p and a drop-out -p, p the reference completion; several in one
    week count together.
    """
    outcomes = completed + dropped
    if outcomes == 0:
        return experience
    mean = completed / outcomes - p.reference_completion
    return relax(experience, mean, kept(p.experience_rate * outcomes))


@rule
def platform_hours(p: P, skill: float, starting_patients: float) -> float:
    """Return the extra hours a week of a clinician who uses the platform."""
    return p.learning_hours * (1.0 - skill) + p.setup_hours * starting_patients


@rule
def protected_used(p: P, hours: float, protected: int) -> float:
    """Return the protected hours really used: never more than training and platform take."""
    return min(p.protected_hours, hours) if protected else 0.0


@rule
def free_hours(p: P, slack: float, protected: int) -> float:
    """Return the hours a week that leave room for practice: slack and protected time."""
    return p.contract_hours * slack + (p.protected_hours if protected else 0.0)
