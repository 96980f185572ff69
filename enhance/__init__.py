"""Photo enhancement: enlarge (and later restore) photos 1 to 16 times."""
