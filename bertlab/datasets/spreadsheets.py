"""Cells that a spreadsheet program would run as a formula are disarmed before a download."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def escape_for_spreadsheet(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet program could take for a formula.

    `"=1+1"` becomes `"'=1+1"`, `"good"` stays `"good"`. For files offered as download only: what
    BertLab keeps for itself is stored unchanged.
    See https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return "'" + cell if cell.startswith(_STARTS_A_FORMULA) else cell
