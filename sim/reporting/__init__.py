"""Reports: one HTML page that stands alone, and a workbook with the same tables."""
