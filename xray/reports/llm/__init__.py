"""The second text: what a language model is asked, by whom, and within which limits."""
