"""A synthetic market with a known truth: startups, funds and deals drawn from a seed, labelled synthetic.

`settings` says what is drawn, `market` and `deals` draw it, `texts` puts it into words, `write` into the
import contract's files. docs/decisions/0010-synthetic-market.md says what it imitates and what it does not.
"""
