"""From a file to rows: its format, its times, what its columns are."""
