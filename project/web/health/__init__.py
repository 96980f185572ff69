"""Whether the site lives, is ready, and what its parts say about themselves."""
