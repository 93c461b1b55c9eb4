"""A further version of what is published: written as a form, looked at beside the one before, and published."""
