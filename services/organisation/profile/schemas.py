"""The shapes in which somebody is told who they are here."""

from datetime import date

from services.organisation.entity.schemas import NamedEmployee
from shared.contracts.organisation import ActingKind, Role
from shared.kit.web.schemas import Schema


class NamedUnit(Schema):
    """A unit by id and name."""

    unit_id: str
    """Id of the unit."""

    name: str
    """Name of the unit today."""


class CodedPosition(Schema):
    """A position by id and code."""

    position_id: str
    """Id of the position."""

    code: str
    """Its code, by which sheets name it."""


class Mandate(Schema):
    """A mandate to act for another that is in force today."""

    acting_assignment_id: str
    """Id of the mandate."""

    kind: ActingKind
    """Kind of the mandate."""

    official: NamedEmployee
    """Official who is stood in for."""

    acting: NamedEmployee
    """Official who acts."""

    effective_from: date
    """First day of the mandate, or of its last change."""

    ends_on: date
    """Last day, included."""


class Profile(Schema):
    """The caller as a page greets them: name, place in the organisation, rights, and the date where they work."""

    employee_id: str
    """The caller's employee id."""

    name: str | None
    """The caller's name; `[dihapus]` once personal data are erased, null for the administrator who loads the first
    sheets."""

    unit: NamedUnit | None
    """Unit to which the caller belongs today; null if it is not on record."""

    position: CodedPosition | None
    """Position that the caller holds today; null if it is not on record."""

    superior: NamedEmployee | None
    """The caller's direct superior today; null if none is on record."""

    roles: list[Role]
    """Roles of the caller today."""

    leads: bool
    """True if the caller leads somebody today, as superior or by mandate."""

    mandates_held: list[Mandate]
    """Mandates of today by which the caller acts for another."""

    mandates_given: list[Mandate]
    """Mandates of today by which another acts for the caller."""

    time_zone: str
    """IANA time zone of the unit, or of the instance if the unit is not on record."""

    today: date
    """Today's date in that zone."""
