"""Who of the team is where, this week and next."""
