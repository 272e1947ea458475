"""The store: SQLite by one writer that commits in groups; an event is in it before it is shown."""
