"""The workers that look at activations."""

from partners.wake import Waker

workers = Waker("activation.run_due")
