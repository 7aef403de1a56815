"""The workers that uninstall."""

from partners.wake import Waker

workers = Waker("uninstalling.run_due")
