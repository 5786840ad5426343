"""The records: tables, migrations, import, the vector cache, and the data sets that ship."""
