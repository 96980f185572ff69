"""What `manage.py up` supervises: processes, the embedded Redis, locks and paths."""
