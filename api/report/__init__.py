"""The evaluation as one HTML page; needs the extra `report`."""
