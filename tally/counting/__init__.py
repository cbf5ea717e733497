"""The engine that counts: every k-way table of a categorical file, on DuckDB, or on Spark past one machine.

>>> import pandas
>>> frame = pandas.DataFrame({"sex": ["F", "F", "M"], "age": ["0-17", None, "18+"]})
>>> [table] = count(frame, combinations=[("sex", "age")])
>>> list(table.cells())
[(('F', ''), 1), (('F', '0-17'), 1), (('M', '18+'), 1)]
"""

from tally.counting.engine import count, open_records
from tally.counting.source import CountingError
from tally.counting.table import Records, Table, combinations_of

__all__ = ["CountingError", "Records", "Table", "combinations_of", "count", "open_records"]
