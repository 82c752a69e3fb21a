"""Experiments: what is run, how it is kept, and what is read from it.

- `design`: study files, factors, the points of a design
- `runs`: the plan of an experiment, its chunks, and the runs of a chunk
- `store`: results in folders that cannot be mistaken for finished when they are not
- `execute`: from a plan to a sealed folder, on workers, shards or Dask
- `compare`: plans on common seeds
- `sensitivity`: what drives an outcome, and how much is chance
- `check`, `export`: results verified, and handed to other programs
"""
