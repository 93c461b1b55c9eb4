"""The reference data: units, positions with the MKD criteria, employees; effective-dated, loaded from sheets."""
