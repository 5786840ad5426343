"""What a ranker has to beat. Each module holds one method and `GRID`, the settings it is tuned over.

Most are neighbours' methods: they weigh the companies of the Market by their likeness to the query, then sum
the weights of those that each fund backed; they differ in what likeness is.
"""
