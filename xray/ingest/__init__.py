"""From an uploaded file to a de-identified grey film, or a refusal with a code."""
