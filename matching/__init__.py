"""The pure core: a profile in, ranked and explained suggestions out. No I/O, no clock, no database."""
