"""The agreed outputs of each approved day: logged by the employee, verified or returned by the superior."""
