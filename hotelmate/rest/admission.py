"""Who is let through the doors that are for staff."""

from starlette.requests import Request

from hotelmate.database import Database, Reading
from hotelmate.idempotency import keys, outcomes
from hotelmate.identity.actors import StaffActor
from hotelmate.identity.permissions import require_staff
from hotelmate.identity.rates import Rates
from hotelmate.resolvers.channels import require_hotel_of
from hotelmate.rest.callers import Callers, address


class Admission:
    """Lets staff through the doors of their own hotel."""

    def __init__(self, database: Database, callers: Callers, rates: Rates) -> None:
        self._database = database
        self._rates = rates
        self._callers = callers

    async def __call__(self, request: Request, slug: str) -> StaffActor:
        """Return who sends a request to the hotel with this slug; asked before the body is read.

        Raises:
            Unauthenticated: no credentials, or they open nothing.
            Forbidden: a guest, or staff of another hotel.
            RateLimited: too many changes by this member of the staff; what comes again under a key is none.
            BadUserInput: the key cannot be one.
        """
        header = request.headers.get("authorization")

        def admit(reading: Reading) -> StaffActor:
            staff = require_staff(self._callers.identify(reading, header=header))
            require_hotel_of(reading, staff, slug)
            if request.method != "GET" and not _is_repeat(reading, staff, request):
                self._rates.of_address(address(request)).spend_change(staff)
            return staff

        return await self._database.read(admit)


def _is_repeat(reading: Reading, staff: StaffActor, request: Request) -> bool:
    key = request.headers.get(keys.HEADER)
    return key is not None and outcomes.is_known(reading, keys.hash_of(staff, keys.parse(key)))
