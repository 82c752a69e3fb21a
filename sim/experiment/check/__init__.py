"""Results checked: hashes derived again, rows counted, runs run again."""
