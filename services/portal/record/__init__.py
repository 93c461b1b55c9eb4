"""What organisation has on record: the shapes, the names, and what holds on a day."""
