"""A small picture, what each embedded network makes of it, and the comparison."""
