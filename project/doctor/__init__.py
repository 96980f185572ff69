"""What is missing on this machine, in plain words, with the command that repairs it."""
