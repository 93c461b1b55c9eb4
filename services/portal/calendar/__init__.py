"""A month of one's own: office, days of MKD, days off, and the quota of each week."""
