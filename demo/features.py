"""What the play asks of a platform beyond its first release."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Features:
    """`workflow`: days can be taken back one by one, time closes what nobody decides, whoever is above decides for the
    absent, a decree that corrects another holds. `figures`: the corrected factor set, greenhouse gas by scope, tax by
    payer, days off and absences do not count. `absences`: there is a sheet of them."""

    workflow: bool = True
    figures: bool = True
    absences: bool = True

    @property
    def decree(self) -> bool:
        """Whether a holiday may be decreed late."""
        return self.workflow and self.figures

    @property
    def leave(self) -> bool:
        """Whether anybody goes on leave or on a trip."""
        return self.absences and self.workflow and self.figures


IN_USE = Features()
