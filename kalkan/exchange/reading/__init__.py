"""Reading tables out of files, row by row, in bounded memory. Knows nothing of persons or cases."""

from kalkan.exchange.reading.document import Broken, Cell, Document, Row, Sheet, Source, open_document

__all__ = ["Broken", "Cell", "Document", "Row", "Sheet", "Source", "open_document"]
