"""What a unit's month is made of. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from shared.kit.decisions.decider import Document


@dataclass(frozen=True, slots=True)
class VehicleTotal:
    """Days and kilometres spared by one kind of vehicle, by whom, and what that comes to by the stated defaults."""

    vehicle: str
    days: int = 0
    whose: frozenset[str] = frozenset()
    spared_km: Decimal = Decimal(0)
    microlitres_central: int = 0
    sen_central: int = 0

    def plus(self, employee_id: str, entry: Document) -> "VehicleTotal":
        """With another day."""
        amounts = entry["amounts"]
        return VehicleTotal(
            self.vehicle,
            self.days + 1,
            self.whose | {employee_id},
            self.spared_km + Decimal(entry["inputs"]["spared_km"]),
            self.microlitres_central + amounts["microlitres"]["central"],
            self.sen_central + amounts["sen"]["central"],
        )
