"""Times in words."""


def duration(seconds: float) -> str:
    """Say how long something took: 79.4 -> "79 s", 5,000 -> "83 min", 70,000 -> "19.4 h"."""
    if seconds < 600:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.1f} h"
