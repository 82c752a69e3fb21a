"""The week, and a run of weeks. The step numbers are those of docs/odd.md.

Inner loops hold the arrays they need as local variables and hand records to the functions they
call: handing over arrays counts references, which costs more than the rules do.
"""

from sim.compiled import compiled, part
from sim.kernel import clinicians, look, measure, patients, project

look_around = look.look
propose_all = clinicians.propose_all
settle_seats = clinicians.settle_seats
change_clinicians = clinicians.change_all
change_patients = patients.change_all
change_lead = project.change_lead
change_manager = project.change_manager
change_organisation = project.change_organisation
write_row = measure.measure


@part
def one_week(w, tape, t):
    """Take all organisations and the vendor through week t."""
    look_around(w, tape, t)  # steps 1 and 2
    leads = int(w.p[0].leads)
    for o in range(len(w.organisations)):
        propose_all(w, o, t)  # step 3
        settle_seats(w, o)  # step 4
        change_patients(w, tape, o, t)  # step 5
        change_clinicians(w, tape, o, t)  # step 6
        for k in range(leads):
            change_lead(w, tape, o, k, t)  # step 7
    for k in range(len(w.managers)):
        change_manager(w, tape, k, t)  # step 8
    for o in range(len(w.organisations)):
        change_organisation(w, tape, o, t)  # step 9
        write_row(w, tape, o, t)  # step 10


@compiled
def simulate(w, tape):
    """Run a world through all weeks of its tape. Serial, and without the interpreter's lock."""
    for t in range(len(tape.series)):
        one_week(w, tape, t)
