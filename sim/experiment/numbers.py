"""Numbers as people read them: as many decimals as an interval supports, shares as per cent."""


def number(value: float, digits: int) -> str:
    """Return a number with separators of thousands; no minus before a zero."""
    text = f"{value:,.{digits}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text


def digits_of(
    value: float | None, low: float | None, high: float | None, scale: float = 1.0
) -> int:
    """Return as many decimals as the interval of a value supports, at most two.

    ``scale`` is what all are multiplied with before they are shown (100 for per cent).
    """
    if value is None or low is None or high is None:
        whole = value is None or (value * scale).is_integer()
        return 0 if whole or abs(value or 0.0) * scale >= 10 else 1
    width = (high - low) * scale
    if width >= 2.0 or (width == 0.0 and (value * scale).is_integer()):
        return 0
    return 1 if width >= 0.2 else 2


def gap_digits(gap: float | None, low: float | None, high: float | None, scale: float = 1.0) -> int:
    """Return the decimals of a difference: enough to see on which side of 0 its interval ends."""
    digits = digits_of(gap, low, high, scale)
    for end in (low, high):
        while end and digits < 2 and round(end * scale, digits) == 0.0:
            digits += 1
    return digits


def fewest_digits(size: float) -> int:
    """Return the decimals that differences of a size have at least: 1, in thousands none."""
    return 1 if abs(size) < 1000.0 else 0


def signed(value: float, digits: int) -> str:
    """Return a number with its sign; zero has none."""
    text = number(value, digits)
    return f"+{text}" if not text.startswith("-") and text.strip("0.,") else text


def count(number: int, thing: str) -> str:
    """Return so many things: ``1 run``, ``2,000 runs``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
