"""Date literals such as LAST_N_DAYS:30: which days they span."""

from datetime import date, timedelta

MONTHS_IN = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def span(name: str, today: date) -> tuple[date, date]:
    """Return the first day of the literal and the first day after it."""
    word, _, number = name.partition(":")
    number = number.strip()
    if word in _DAYS:
        first = today + timedelta(days=_DAYS[word])
        return first, first + timedelta(days=1)
    if word == "LAST_90_DAYS":
        return today - timedelta(days=90), today + timedelta(days=1)
    if word == "NEXT_90_DAYS":
        return today + timedelta(days=1), today + timedelta(days=91)
    # The fiscal year of this org is the calendar year.
    word = word.replace("FISCAL_", "")
    if number:
        return _counted(word, int(number), today)
    which, _, unit = word.partition("_")
    start = _start(unit, today)
    shift = {"LAST": -1, "THIS": 0, "NEXT": 1}[which]
    return _move(unit, start, shift), _move(unit, start, shift + 1)


_DAYS = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}


def _counted(word: str, number: int, today: date) -> tuple[date, date]:
    if word.endswith("_AGO"):
        unit = word.removeprefix("N_").removesuffix("S_AGO")
        start = _move(unit, _start(unit, today), -number)
        return start, _move(unit, start, 1)
    which, _, units = word.partition("_N_")
    unit = units.removesuffix("S")
    start = _start(unit, today)
    if which == "LAST":
        # The days up to and including today; of longer units only whole ones before this one.
        last = _move(unit, start, 1) if unit == "DAY" else start
        return _move(unit, start, -number), last
    return _move(unit, start, 1), _move(unit, start, number + 1)


def _start(unit: str, today: date) -> date:
    if unit == "DAY":
        return today
    if unit == "WEEK":
        # Weeks begin on Sunday, as in the locale of this org.
        return today - timedelta(days=(today.weekday() + 1) % 7)
    months = MONTHS_IN[unit]
    return today.replace(month=(today.month - 1) // months * months + 1, day=1)


def _move(unit: str, start: date, count: int) -> date:
    if unit in {"DAY", "WEEK"}:
        return start + timedelta(days=count * (7 if unit == "WEEK" else 1))
    months = start.year * 12 + start.month - 1 + count * MONTHS_IN[unit]
    return date(months // 12, months % 12 + 1, 1)
