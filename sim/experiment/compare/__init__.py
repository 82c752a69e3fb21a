"""Plans on common seeds: paired differences, and how many runs they take."""
