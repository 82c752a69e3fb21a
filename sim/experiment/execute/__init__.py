"""From a plan to a sealed folder: worker processes, shards, Dask."""
