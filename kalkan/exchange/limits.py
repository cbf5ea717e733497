"""How much one file may ask of the machine."""

MEGABYTE = 1024 * 1024
FILE = 256 * MEGABYTE  # a file named on the command line; uploads have the smaller `UPLOAD_LIMIT`
ROWS = 1_000_000
COLUMNS = 500
CELL = 100_000  # characters; a longer one is a pasted document, not a cell
LINE = 4 * MEGABYTE
HEADER_ROWS = 10
WORKBOOK = 512 * MEGABYTE  # all parts of a workbook, unpacked
SHARED_STRINGS = 64 * MEGABYTE
INFLATION = 250  # unpacked ÷ packed, for parts above 8 MB: dense tables reach 100, bombs start at 1000
PARTS = 2_000
PROBLEMS_KEPT = 1_000
BATCH = 2_000
NAMED_BATCH = 100  # the vault takes persons one at a time
