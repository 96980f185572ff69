"""The verbs of accounts: keyword-only arguments in, models or dataclasses out."""
