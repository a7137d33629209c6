"""The header of an ebMS 3.0 / AS4 message: schemas, nouns, reader, rules. Checked and shown, never carried."""
