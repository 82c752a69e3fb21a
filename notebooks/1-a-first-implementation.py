# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1. A first implementation
#
# An organisation for mental health care wants to work with an online platform. A vendor helps.
# The computer plays it through, week by week, many times. You guess first, then look, then say
# why.
#
# ## Objectives
#
# After this notebook you can
#
# - say what *adoption*, *reach* and *going live* mean here;
# - read a chart with a band, and say what a band is;
# - explain why one implementation says little about a plan.
#
# ## Minutes
#
# 20: guess 5, run 2, explain 8, one exercise 5.
#
# **How to work.** Click on a cell and press Shift and Enter. Go from top to bottom. Where a cell
# says `guess`, change the number before you run it.

# %%
# %matplotlib inline
from budget import runs

import sim as mih
from sim.plots.phases import phases_figure
from sim.trace import sentence, story

baseline = mih.load("baseline")
print(baseline.shows)

# %% [markdown]
# ## One organisation
#
# ### Predict
#
# 60 clinicians, one project lead, half a day of vendor support a week, three years. How many of
# 100 clinicians use the platform at the end?

# %%
guess = 50  # of 100 clinicians; change it

# %% [markdown]
# ### Run

# %%
one = mih.run("baseline", replicates=1, first_replicate=5)  # run number 5
end = one.summary()["adoption"].mean
print(f"You guessed {guess} of 100. In this run it is {100 * end:.0f} of 100.")

# %%
one.plot()

# %% [markdown]
# **Adoption** is the share of clinicians who use the platform now. **Reach** is the share of
# patients in care during the last year who started on it.
#
# Is this the answer? Play the same organisation ten times. Nothing is changed but luck. An empty
# entry (NaN) means: never. `live` and `stopped` are 1 for yes and 0 for no, at the end of three
# years.

# %%
ten = mih.run("baseline", replicates=10)
ten.frame()[["replicate", "go_live_week", "live", "stopped", "adoption", "reach"]].round(2)

# %% [markdown]
# ### Explain
#
# Same plan, same kind of people, other endings. What may have happened between two runs that end
# far apart? Think of a lead who leaves, of a project that is ended, of who happened to start
# first. Talk about it with your neighbour for two minutes.

# %%
# This cell stops if the text above is no longer true of the model.
assert ten.frame()["adoption"].nunique() > 1

# %% [markdown]
# ## Many organisations
#
# ### Predict
#
# Of 100 such organisations, how many still work with the platform after three years?

# %%
guess = 70  # of 100 organisations; change it

# %% [markdown]
# ### Run

# %%
many = mih.run("baseline", replicates=runs(full=400, small=80))
live = many.summary()["live"]
print(f"You guessed {guess} of 100.")
print(
    f"It is {100 * live.mean:.0f} of 100 "
    f"(95 % interval {100 * live.ci_low:.0f} to {100 * live.ci_high:.0f})."
)

# %%
many.plot()

# %% [markdown]
# ### Explain
#
# The line is the organisation in the middle. The band holds the middle of all runs. It shows how
# much *single organisations* differ. The interval printed above says something else: how well we
# know the *share*. More runs make the interval narrow. They do not make the band narrow. Why not?
#
# If the line is at zero while the band is wide, most projects have ended. The average then
# describes nobody: it lies between those who stopped and those who go on. Here they are apart:

# %%
frame = many.frame()
frame.groupby(frame["live"].map({1.0: "live at the end", 0.0: "not live"}))[
    "adoption"
].describe().round(2)

# %%
# This cell stops if the text above is no longer true of the model.
adoption = many.summary()["adoption"]
assert adoption.q90 - adoption.q10 > 3 * (adoption.ci_high - adoption.ci_low)
assert frame.loc[frame["live"] == 0, "adoption"].mean() < 0.05

# %% [markdown]
# ## The way there
#
# ### Predict
#
# The vendor's model has five phases: onboarding, patient journeys, building, training,
# evaluation. Which of the first four takes longest?

# %%
guess = "Building the platform"  # or Onboarding, Patient journeys, Training

# %% [markdown]
# ### Run

# %%
phases_figure(many)

# %%
phases = {
    phase.label: many.summary()[f"phase_weeks.{phase.name}"].q50
    for phase in baseline.phases
    if not phase.recurs
}
print(f"You guessed: {guess}. Weeks of each phase in the middle organisation (None: never done):")
phases

# %% [markdown]
# And one of the people. Each line is an event, with what weighed most in it.

# %%
print(*(sentence(line) for line in story(baseline, "0/clinician/2", replicate=9)), sep="\n")

# %% [markdown]
# ### Explain
#
# - Which phases wait for people, which wait for a contract?
# - Read the clinician's life. What would have kept him or her on the platform, or brought him or
#   her there?
#
# ## What this can say, and what not

# %%
print(many.label)

# %% [markdown]
# The model is built on a study of the people who implement such platforms, and on numbers from
# other programmes and countries. Many numbers are assumed. It is good for thinking and for
# comparing plans. It is no forecast for your organisation.
#
# ## Exercises
#
# Solutions are in the folder `solutions`.
#
# ### Exercise 1
#
# Give the organisation a second project lead: `mih.run(baseline.replace(leads=2),
# replicates=...)`. Guess first: does it go live sooner, and by how many weeks?
#
# ### Exercise 2
#
# Describe an organisation that you know: `baseline.replace(clinicians=35, lead_hours=4,
# workload=1.1)`. Which of your numbers do you know, and which do you guess? Whom could you ask?
#
# ### Exercise 3
#
# Halve the vendor's time (`mih.run("thin-vendor-support", ...)`). What changes more: *when*
# organisations go live, or how many are still live after three years?
