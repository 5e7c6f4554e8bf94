export interface Booking {
  id: string;
  status: "PENDING_PAYMENT" | "CONFIRMED" | "CHECKED_IN" | "CHECKED_OUT" | "CANCELLED" | "NO_SHOW";
  guestName: string;
  arrival: string;
  departure: string;
  nights: number;
  adults: number;
  children: number;
  createdAt: string;
  roomAssignedAt: string | null;
  checkedInAt: string | null;
  checkedOutAt: string | null;
  cancelledAt: string | null;
  cursor: string;
  roomType: { name: string };
  room: { number: string } | null;
  wifi: { name: string; password: string } | null;
  hotel: {
    slug: string;
    name: string;
    settings: {
      welcomeMessage: string;
      contactPhone: string;
      contactEmail: string;
      contactAddress: string;
    };
  };
}

/** How the stay stands, as one would say it to the guest. */
export function headline({ status, room, guestName }: Booking): string {
  switch (status) {
    case "PENDING_PAYMENT":
      return "Your booking waits for payment.";
    case "CONFIRMED":
      return room ? `Room ${room.number} is yours.` : "Your booking is confirmed.";
    case "CHECKED_IN":
      return `Welcome, ${firstName(guestName)}.`;
    case "CHECKED_OUT":
      return "Thank you for staying with us.";
    case "CANCELLED":
      return "This booking is cancelled.";
    case "NO_SHOW":
      return "We have missed you.";
  }
}

export interface Stage {
  name: string;
  isReached: boolean;
  /** When it was, if that is known. */
  at: string | null;
}

/** What happens to a booking that goes its way, in order; for one that does not, as far as it came. */
export function stages(booking: Booking): Stage[] {
  const { status, createdAt, room, roomAssignedAt, checkedInAt, checkedOutAt, cancelledAt } = booking;
  const isOver = status === "CANCELLED" || status === "NO_SHOW";
  const way: Stage[] = [
    { name: "Booked", isReached: true, at: createdAt },
    { name: "Confirmed", isReached: status !== "PENDING_PAYMENT" && !isOver, at: null },
    { name: "Room assigned", isReached: room !== null, at: roomAssignedAt },
    { name: "Checked in", isReached: checkedInAt !== null, at: checkedInAt },
    { name: "Checked out", isReached: checkedOutAt !== null, at: checkedOutAt },
  ];
  if (!isOver) {
    return way;
  }
  const name = status === "CANCELLED" ? "Cancelled" : "Did not arrive";
  return [...way.filter(({ isReached }) => isReached), { name, isReached: true, at: cancelledAt }];
}

function firstName(name: string): string {
  return name.split(" ")[0] ?? name;
}
