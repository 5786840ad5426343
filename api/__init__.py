"""Delivery: the command line today, the HTTP API and the pages later; the one composition root."""
