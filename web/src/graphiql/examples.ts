// What GraphiQL opens with: a tab for each domain. The tests validate every document against the schema.

import { day } from "../shared/dates";
import bookings from "./examples/bookings.graphql?raw";
import clocking from "./examples/clocking.graphql?raw";
import events from "./examples/events.graphql?raw";
import offers from "./examples/offers.graphql?raw";
import publicPage from "./examples/public-page.graphql?raw";
import type { Stock } from "./stock";

export interface Example {
  query: string;
  variables: string;
}

export function examples(slug: string, stock: Stock): Example[] {
  const { offerId = "1", roomTypeId = "1", turnedGallery = [], booking, roomId = "1" } = stock;
  return [
    { query: clocking, variables: "" },
    tab(offers, {
      slug,
      offer: { title: "Oysters & stout", shortDescription: "A dozen and a pint.", tag: "Friday" },
      id: offerId,
    }),
    tab(publicPage, { slug, urls: turnedGallery }),
    tab(bookings, {
      slug,
      booking: {
        roomTypeId,
        guestName: "Pádraig Ó Sé",
        guestEmail: "padraig@guests.example",
        arrival: day(0),
        departure: day(2),
      },
      from: booking?.arrival ?? day(0),
      to: booking?.departure ?? day(2),
      id: booking?.id ?? "BK-",
      roomId,
    }),
    { query: events, variables: "" },
  ];
}

function tab(query: string, variables: Record<string, unknown>): Example {
  return { query, variables: JSON.stringify(variables, null, 2) };
}
