"""The reference data: units, buildings, positions with the MKD criteria, employees, mandates; effective-dated, loaded
from sheets."""
