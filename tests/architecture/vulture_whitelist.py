"""Names that only frameworks call, or that stand in quoted casts; vulture reads this file."""

from webapp.models.database import DefaultDialect
from webapp.models.prepared import SQLCompiler

assert DefaultDialect
assert SQLCompiler
