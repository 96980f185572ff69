"""From predictions to words: fact sheet, structured report, LLM report, verifier."""
