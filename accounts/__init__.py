"""Who people are: users, roles, tokens, sessions, and their right to leave."""
