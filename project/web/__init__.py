"""The dashboard shell: page frame, navigation, home, history of jobs."""
