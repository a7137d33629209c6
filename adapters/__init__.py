"""Ways in and out, one way to reach people each.

They know the hub's contract (`hub.adapter`), its model and its errors; the hub does not know them: it opens them by
name through the entry-point group `edochub.adapters`, ours exactly like a stranger's.
"""
