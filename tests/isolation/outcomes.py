"""Reading the tables of what is expected: a line for each subject, a column for each of `PEOPLE`."""

from tests.isolation.people import PEOPLE


def outcomes(table: str) -> dict[str, dict[str, str]]:
    """Of each subject (the words before the columns) what each person is answered."""
    rows: dict[str, dict[str, str]] = {}
    for line in table.strip().splitlines():
        words = line.split()
        if words[0] != "#":
            subject, columns = words[: -len(PEOPLE)], words[-len(PEOPLE) :]
            rows[" ".join(subject)] = dict(zip(PEOPLE, columns, strict=True))
    return rows


def wrong(expected: dict[str, dict[str, str]], person: str, found: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Where a person was answered something else: what was expected, what was found."""
    subjects = expected.keys() | found.keys()
    pairs = {each: (expected.get(each, {}).get(person, "no row"), found.get(each, "none")) for each in subjects}
    return {each: (wanted, got) for each, (wanted, got) in sorted(pairs.items()) if wanted != got}
