"""What requests tells those who follow changes."""

from shared.people.live import of_employees, of_everybody

KINDS = (
    of_employees("request", "a request, for those who may see it.", "requests"),
    of_everybody("policy", "a policy that was published.", "policies"),
)
