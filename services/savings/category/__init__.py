"""What is saved, and cost in return: a category for each formula."""
