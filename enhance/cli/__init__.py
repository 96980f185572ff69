"""The parts of `manage.py enhance`: arguments, files, progress, and the two places of work."""
