"""What every command stands on: failures, files, words to who runs it, where a stack lives."""
