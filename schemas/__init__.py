"""What a document is, and is it right.

The lowest floor: it imports nothing of ours. `validator.validate` takes bytes and returns a `ValidDocument`, or
raises `InvalidDocument` with everything that is wrong. Plain synchronous code throughout: there is no I/O here.
"""
