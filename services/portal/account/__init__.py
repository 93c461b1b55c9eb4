"""Service accounts: programs that read figures, recorded and ended by the personnel agency."""
