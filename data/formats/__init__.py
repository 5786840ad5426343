"""The formats a file of the contract may have: csv, xlsx, jsonl. Each is read and written row by row."""
