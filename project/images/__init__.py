"""Pictures of users: one intake, one decoder, one marker, private storage and serving."""
