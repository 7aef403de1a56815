"""Those whom an import wakes."""

from partners.wake import Waker

takers = Waker("migration.take_due")
