"""The agreed outputs of each day, under MKD or at the office: logged, verified or returned, and what they come to."""
