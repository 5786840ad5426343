"""What a ranker has to beat. Each module holds one method and `GRID`, the settings it is tuned over."""
