"""The database as the operations use it: sessions that read, transactions, and a hotel's turn.

    operation -> database -> backend (sqlite, postgresql) -> engines
                    |            |
              transactions    commits, shared_commits
                 turns           |
                              failures

`backend` says what a kind of database has to decide, and `sqlite` and `postgresql` decide it. `transactions`
has the types that operations are given and what they can announce; `turns` is why events have no gap.
"""

from hotelmate.database.database import Database
from hotelmate.database.failures import DatabaseUnavailable, refusal_of
from hotelmate.database.transactions import Reading, Transaction, announce, savepoint
from hotelmate.database.turns import take_turn, take_turn_with_staff, turn_held

__all__ = [
    "Database",
    "DatabaseUnavailable",
    "Reading",
    "Transaction",
    "announce",
    "refusal_of",
    "savepoint",
    "take_turn",
    "take_turn_with_staff",
    "turn_held",
]
