"""Live progress: one socket per tab, with SSE and polling carrying the same payload."""
