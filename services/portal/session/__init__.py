"""Who is signed in at which browser, and until when."""
