"""The operators' page: queue, workers, device memory, failures, and what can be done about them."""
