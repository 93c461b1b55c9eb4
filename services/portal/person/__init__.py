"""Who the person is that a page is for."""
