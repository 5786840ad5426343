"""What a learned ranker sees of a fund beside a startup. Each module holds one family of features.

Every feature is computed from one Market, and so from nothing later than its day; NaN is unknown.
"""
