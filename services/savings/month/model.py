"""What a unit's month is made of. Pure."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class VehicleTotal:
    """Days and kilometres spared by one kind of vehicle, by whom, and what that comes to by the stated defaults."""

    vehicle: str
    days: int = 0
    whose: frozenset[str] = frozenset()
    spared_km: Decimal = Decimal(0)
    microlitres_central: int = 0
    sen_central: int = 0

    def plus(self, employee_id: str, spared_km: str, microlitres: int, sen: int) -> "VehicleTotal":
        """With another day."""
        return VehicleTotal(
            self.vehicle,
            self.days + 1,
            self.whose | {employee_id},
            self.spared_km + Decimal(spared_km),
            self.microlitres_central + microlitres,
            self.sen_central + sen,
        )
