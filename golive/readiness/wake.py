"""Those whom a question about an app's readiness wakes."""

from partners.wake import Waker

checkers = Waker("readiness.check_due")
