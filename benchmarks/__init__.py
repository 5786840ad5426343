"""Measurements, printed as they come out; nothing here is asserted by a test. `make bench` runs them all."""
