"""Everything that the feed can look at for a view: one module for each kind of thing.

To add a topic: a module with a `Topic`. Whoever tells `Aimed` of it has it looked at.
"""
