"""`make bench-enhance`: the enhancement service against upstream, and against its own goals."""
