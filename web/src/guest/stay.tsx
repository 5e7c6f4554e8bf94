import { CopyButton } from "../shared/copy-button";
import type { FollowedPage } from "../shared/follow-page";
import { LiveBadge } from "../shared/live-badge";
import { type Booking, headline, stages } from "./booking";

export function Stay({ page }: { page: FollowedPage<Booking> }) {
  const booking = page.data.value;
  const refusal = page.refusal.value;
  if (refusal !== null && (booking === null || refusal !== "UNREACHABLE")) {
    return <Closed refusal={refusal} />;
  }
  if (booking === null) {
    return null;
  }
  document.title = `${booking.hotel.name} · ${booking.id}`;
  return (
    <main class="stay">
      <header>
        <a class="hotel-name" href={`/hotel/${encodeURIComponent(booking.hotel.slug)}`}>
          {booking.hotel.name}
        </a>
        <LiveBadge isLive={page.isLive.value} />
      </header>
      <div class="status" role="status">
        <p class="eyebrow">{booking.id}</p>
        <h1>{headline(booking)}</h1>
        {booking.status === "CHECKED_IN" && booking.hotel.settings.welcomeMessage && (
          <p class="welcome">{booking.hotel.settings.welcomeMessage}</p>
        )}
      </div>
      <Facts booking={booking} />
      {booking.wifi && <Wifi wifi={booking.wifi} />}
      <Way booking={booking} />
      <Contact booking={booking} />
    </main>
  );
}

function Facts({ booking }: { booking: Booking }) {
  const { room, roomType, arrival, departure, nights, adults, children } = booking;
  const isHere = booking.status === "CONFIRMED" || booking.status === "CHECKED_IN";
  return (
    <section class="sheet facts" aria-label="Your stay">
      {room && isHere && (
        <p class="room">
          <span class="soft">Room</span>
          <strong>{room.number}</strong>
        </p>
      )}
      <dl>
        <Fact name="Arrival" value={date(arrival)} />
        <Fact name="Departure" value={date(departure)} />
        <Fact name="Stay" value={`${count(nights, "night")}, ${roomType.name}`} />
        <Fact
          name="Guests"
          value={children ? `${adults} and ${count(children, "child", "children")}` : String(adults)}
        />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Wifi({ wifi: { name, password } }: { wifi: { name: string; password: string } }) {
  return (
    <section class="sheet wifi" aria-labelledby="wifi">
      <div>
        <h2 id="wifi">WiFi</h2>
        <CopyButton text={password} label="Copy the WiFi password" />
      </div>
      <dl>
        <Fact name="Network" value={name} />
        <Fact name="Password" value={password} />
      </dl>
    </section>
  );
}

function Way({ booking }: { booking: Booking }) {
  const all = stages(booking);
  const current = all.findLastIndex(({ isReached }) => isReached);
  return (
    <section aria-labelledby="way">
      <h2 id="way" class="visually-hidden">
        So far
      </h2>
      <ol class="way">
        {all.map(({ name, isReached, at }, place) => (
          <li
            key={name}
            class={isReached ? "reached" : ""}
            aria-current={place === current ? "step" : undefined}
          >
            <span>{name}</span>
            {at && <time dateTime={at}>{moment(at)}</time>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Contact({ booking }: { booking: Booking }) {
  const { contactPhone, contactEmail, contactAddress } = booking.hotel.settings;
  return (
    <footer class="soft">
      {contactAddress && <p>{contactAddress}</p>}
      <p>
        {contactPhone && <a href={`tel:${contactPhone.replaceAll(" ", "")}`}>{contactPhone}</a>}
        {contactEmail && <a href={`mailto:${contactEmail}`}>{contactEmail}</a>}
      </p>
    </footer>
  );
}

const REASONS: Record<string, string> = {
  UNAUTHENTICATED: "This link does not open the booking, or no longer does. Ask the hotel for a new one.",
  NOT_FOUND: "There is no such booking.",
  UNREACHABLE: "The hotel's server cannot be reached. Try again in a moment.",
};

function Closed({ refusal }: { refusal: string }) {
  return (
    <main class="stay">
      <div role="alert">
        <h1>Your booking cannot be shown.</h1>
        <p class="soft">{REASONS[refusal] ?? REASONS.UNAUTHENTICATED}</p>
      </div>
    </main>
  );
}

function date(text: string): string {
  // A date has no time zone; at noon it is the same day in all of them.
  return new Date(`${text}T12:00`).toLocaleDateString("en-IE", {
    weekday: "short",
    day: "numeric",
    month: "long",
  });
}

function moment(text: string): string {
  return new Date(text).toLocaleString("en-IE", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
}

function count(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`;
}
