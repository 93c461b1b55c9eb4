"""The committed documents, written from the code."""
