"""The week, and a run of weeks. The step numbers are those of docs/odd.md.

Inner loops hold the arrays they need as local variables and hand records to the functions they
call: handing over arrays counts references, which costs more than the rules do.
"""

from sim.compiled import compiled, part
from sim.kernel import clinicians, look, measure, patients, project
from sim.layout import Tape, World


@part
def one_week(w: World, tape: Tape, t: int) -> None:
    """Take all organisations and the vendor through week t."""
    look.look(w, tape, t)  # steps 1 and 2
    leads = int(w.p[0].leads)
    for o in range(len(w.organisations)):
        clinicians.propose_all(w, o, t)  # step 3
        clinicians.settle_seats(w, o)  # step 4
        patients.change_all(w, tape, o, t)  # step 5
        clinicians.change_all(w, tape, o, t)  # step 6
        for k in range(leads):
            project.change_lead(w, tape, o, k, t)  # step 7
    for k in range(len(w.managers)):
        project.change_manager(w, tape, k, t)  # step 8
    for o in range(len(w.organisations)):
        project.change_organisation(w, tape, o, t)  # step 9
        measure.measure(w, tape, o, t)  # step 10


@part
def take_over(w: World, tape: Tape) -> None:
    """Write down what lies behind organisations that are live before week 0.

    Phases are done without anybody having worked on them (`sim.kernel.rows.lies_behind`).
    """
    for o in range(len(w.organisations)):
        tape.totals[o].live_week = 0
        for k in range(len(w.plan)):
            if not w.plan[k].recurs:
                phase = tape.progress[o, k]
                phase.opened = phase.since = phase.done = 0


@compiled
def simulate(w: World, tape: Tape) -> None:
    """Run a world through all weeks of its tape. Serial, and without the interpreter's lock."""
    if w.p[0].live_at_start > 0.0:
        take_over(w, tape)
    for t in range(len(tape.series)):
        one_week(w, tape, t)
