import { useState } from "preact/hooks";
import { day } from "../../shared/dates";
import { Refused } from "../../shared/graphql";
import type { Booking, Desk } from "../desk";
import { inWords } from "../events";
import type { Watch } from "../watch";

const GUESTS = ["Pádraig Ó Sé", "Sinéad Quinn", "Tomás Daly", "Aoife Walsh", "Niamh Burke"];

export function Bookings({ watch, isStaff }: { watch: Watch; isStaff: boolean }) {
  const { desk } = watch;
  const [chosenId, choose] = useState("");
  const bookings = desk.bookings.value;
  const wanted = watch.booking ?? chosenId;
  const chosen = bookings.find(({ id }) => id === wanted) ?? bookings[0];
  return (
    <fieldset aria-busy={desk.isBusy.value}>
      <legend>Bookings</legend>
      {chosen && (
        <>
          {watch.booking === null && (
            <select
              aria-label="Booking"
              value={chosen.id}
              onChange={({ currentTarget }) => choose(currentTarget.value)}
            >
              {bookings.map(({ id, guestName, status }) => (
                <option key={id} value={id}>
                  {id} · {guestName} · {inWords(status)}
                </option>
              ))}
            </select>
          )}
          <p class="soft">
            {chosen.guestName}, {inWords(chosen.status)}
            {chosen.room && `, room ${chosen.room.number}`}
          </p>
          <BookingButtons desk={desk} booking={chosen} isStaff={isStaff} />
        </>
      )}
      {isStaff && (
        <div class="row">
          {watch.booking === null && <BookButton watch={watch} onBooked={choose} />}
          {chosen && <GuestLink key={chosen.id} desk={desk} booking={chosen} />}
        </div>
      )}
    </fieldset>
  );
}

interface Step {
  label: string;
  done: string;
  take(desk: Desk, booking: Booking): Promise<unknown>;
  isForGuests?: boolean;
}

const CONFIRM: Step = { label: "Confirm", done: "Confirmed", take: by("ConfirmBooking") };
const ASSIGN: Step = { label: "Assign a room", done: "Room assigned", take: assignFreeRoom };
const CHECK_IN: Step = { label: "Check in", done: "Checked in", take: by("CheckIn") };
const CHECK_OUT: Step = { label: "Check out", done: "Checked out", take: by("CheckOut") };
const NO_SHOW: Step = { label: "No-show", done: "Marked as no-show", take: by("MarkNoShow") };
const CANCEL: Step = { label: "Cancel", done: "Cancelled", take: by("CancelBooking"), isForGuests: true };

function nextSteps({ status, room }: Booking): Step[] {
  switch (status) {
    case "PENDING_PAYMENT":
      return [CONFIRM, CANCEL];
    case "CONFIRMED":
      return [room ? CHECK_IN : ASSIGN, NO_SHOW, CANCEL];
    case "CHECKED_IN":
      return [CHECK_OUT];
    default:
      return [];
  }
}

function BookingButtons({ desk, booking, isStaff }: { desk: Desk; booking: Booking; isStaff: boolean }) {
  const steps = nextSteps(booking).filter(({ isForGuests }) => isStaff || isForGuests);
  return (
    <div class="row">
      {steps.map(({ label, done, take }, place) => (
        // By its place, so that the next step has the focus that the one before it had.
        <button type="button" key={place} onClick={() => desk.perform(done, () => take(desk, booking))}>
          {label}
        </button>
      ))}
    </div>
  );
}

function BookButton({ watch: { desk, account }, onBooked }: { watch: Watch; onBooked(id: string): void }) {
  const book = () =>
    desk.perform("Booked", async () => {
      // Far enough apart that there is a room for each.
      const arrival = Math.floor(Math.random() * 300);
      type Created = { createBooking: { booking: { id: string } } };
      const { createBooking } = await desk.ask<Created>("CreateBooking", {
        slug: account.hotel.slug,
        input: {
          roomTypeId: desk.hotel.value?.roomTypes[0]?.id,
          guestName: GUESTS[Math.floor(Math.random() * GUESTS.length)],
          guestEmail: "guest@guests.example",
          arrival: day(arrival),
          departure: day(arrival + 2),
        },
      });
      onBooked(createBooking.booking.id);
    });
  return (
    <button type="button" onClick={book}>
      New booking
    </button>
  );
}

/** A link to the guest's page. Making one ends the link that the guest had. */
function GuestLink({ desk, booking: { id } }: { desk: Desk; booking: Booking }) {
  const [address, setAddress] = useState<string | null>(null);
  const renew = () =>
    desk.perform("New guest link; the one before has stopped working", async () => {
      const { renewGuestToken } = await desk.ask<{ renewGuestToken: string }>("RenewGuestToken", { id });
      setAddress(`/guest/${encodeURIComponent(id)}#token=${encodeURIComponent(renewGuestToken)}`);
    });
  if (address === null) {
    return (
      <button type="button" onClick={renew}>
        New guest link
      </button>
    );
  }
  return (
    <a class="button" href={address} target="_blank" rel="noreferrer" ref={(link) => link?.focus()}>
      Open the guest's page
    </a>
  );
}

function by(operation: string) {
  return (desk: Desk, { id }: Booking) => desk.ask(operation, { id });
}

async function assignFreeRoom(desk: Desk, { id, roomType, arrival, departure }: Booking): Promise<void> {
  type Free = { rooms: { id: string; isOccupied: boolean }[] };
  const free = await desk.ask<Free>("FreeRooms", { roomTypeId: roomType.id, from: arrival, to: departure });
  const room = free.rooms.find(({ isOccupied }) => !isOccupied) ?? free.rooms[0];
  if (!room) {
    throw new Refused("No room of this type is free.", "CONFLICT");
  }
  await desk.ask("AssignRoom", { id, roomId: room.id });
}
