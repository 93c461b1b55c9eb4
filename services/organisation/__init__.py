"""The reference data: units, buildings, positions with the MKD criteria, employees, mandates; effective-dated, loaded
from sheets."""

NUMBER = 1
"""Its place among the services, which its ports rest on: no other has it, and it stays."""
