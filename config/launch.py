"""The first lines of a part's life: die with the supervisor, step down from root where asked, become the command.

Called as `python -I -S launch.py SIGNAL PARENT USER COMMAND…`, by path, with the standard library alone. SIGNAL is sent
to the part when its parent dies, however that happens (Linux). USER is a name, or empty to stay who we are.
"""

import ctypes
import os
import pwd
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2


class _CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapData(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


def main(signal: str, parent: str, user: str, *command: str) -> None:
    """Prepare this process and replace it by the command."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if user:
        _step_down(libc, pwd.getpwnam(user))
    if libc is not None:
        # After the change of user, which clears it.
        libc.prctl(_PR_SET_PDEATHSIG, int(signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("the supervisor is gone")
    os.execv(command[0], command)


def _step_down(libc: ctypes.CDLL | None, account: pwd.struct_passwd) -> None:
    if libc is not None:
        # Or else access(2), with which PostgreSQL looks at its own program, would ignore what is kept below.
        libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    if libc is not None:
        # Program and data may lie below a directory that only root may enter, such as /root: passing through is all
        # that is kept of root, so that no directory has to be opened to everybody.
        any(_keep_only(libc, mask) for mask in (1 << _CAP_DAC_READ_SEARCH, 1 << _CAP_DAC_OVERRIDE, 0))


def _keep_only(libc: ctypes.CDLL, mask: int) -> bool:
    header, data = _CapHeader(_CAP_VERSION_3, 0), (_CapData * 2)(_CapData(mask, mask, mask), _CapData(0, 0, 0))
    if libc.capset(ctypes.byref(header), data) != 0:
        return False
    return mask == 0 or libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, mask.bit_length() - 1, 0, 0) == 0


if __name__ == "__main__":
    main(*sys.argv[1:])
