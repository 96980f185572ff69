"""Several photos under one id: submitting, state, archive, cancelling, erasing."""
