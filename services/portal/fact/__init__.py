"""What is published in versions, fact by fact."""
