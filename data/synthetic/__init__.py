"""A synthetic market with a known truth: startups, funds, deals, introductions; labelled synthetic.

`settings` says what is drawn, `market` and `deals` draw it, then `exposure`, `acceptance`, `courses` and
`introductions`; `texts` puts it into words, `write` into the import contract's files, `ids` joins rows with
them. docs/decisions/0010-synthetic-market.md and 0013-synthetic-introductions.md say what it imitates.
"""
