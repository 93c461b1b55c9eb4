"""An employee's day: what is to be done, the week, and what has become of requests."""
