"""Content credentials: signing, reading, the development authority, the operator's key."""
