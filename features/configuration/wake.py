"""The workers that push configuration."""

from partners.wake import Waker

workers = Waker("configuration.push_due")
