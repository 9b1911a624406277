"""Our store in DynamoDB, one module for each repository, on one shared connection.

`database` holds the connection, `table` reads and writes items, `subjects` and `documents` know
how contacts and companies look as items; the rest fulfils the ports with them.
"""
