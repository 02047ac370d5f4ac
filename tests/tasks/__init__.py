"""The outbox, and Celery."""
