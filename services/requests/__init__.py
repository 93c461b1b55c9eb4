"""What employees ask for: days at another place or time, for agreed outputs, within the rules in force."""
