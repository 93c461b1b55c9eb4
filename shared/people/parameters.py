"""Parameters that several services' operations have in common, as their documents describe them."""

from typing import Annotated

from fastapi import Path, Query

from shared.kit.web.fields import Month

RequestPath = Annotated[
    str, Path(description="Id of the request, of its case, and of its plan: the same in all three.")
]
EmployeePath = Annotated[str, Path(description="Opaque id of the employee.")]
UnitPath = Annotated[str, Path(description="Id of the unit.")]
UnitQuery = Annotated[str | None, Query(max_length=60, description="Only what belongs to this unit, by its id.")]
MonthPath = Annotated[Month, Path(description="The month, as `YYYY-MM`.")]
MonthQuery = Annotated[Month, Query(description="The month, as `YYYY-MM`.")]
MonthFilter = Annotated[Month | None, Query(description="Only items with a day in this month, as `YYYY-MM`.")]
