"""The truth: tables, one writer that commits in groups, and readers.

Every function that asks takes a SQLAlchemy `Connection`, every function that writes takes a `Transaction`; both are
plain synchronous code. `Store.read` and `Store.write` bring them to the right thread.
"""
