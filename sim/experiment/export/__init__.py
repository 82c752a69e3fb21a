"""Results for other programs: CSV and netCDF with units and provenance."""
