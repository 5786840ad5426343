"""Learning: the encoder today; rankers, calibration, evaluation and promotion move in here."""
