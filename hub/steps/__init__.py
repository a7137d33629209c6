"""The verbs of the journey, a file each. `validate` is `schemas.validator`."""
