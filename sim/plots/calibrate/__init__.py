"""Figures of a calibration: marginals, pairs, patterns, ranks, recovery.

Each is drawn from a `sim.experiment.calibrate.calibration.Calibration`, and has its data.
"""
