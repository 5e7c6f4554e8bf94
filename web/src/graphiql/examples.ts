// What GraphiQL opens with: a tab for each domain. The tests validate every document against the schema.

import { day } from "../shared/dates";
import bookings from "./examples/bookings.graphql?raw";
import clocking from "./examples/clocking.graphql?raw";
import events from "./examples/events.graphql?raw";
import offers from "./examples/offers.graphql?raw";
import publicPage from "./examples/public-page.graphql?raw";

export interface Example {
  query: string;
  variables: string;
}

export function examples(slug: string): Example[] {
  return [
    { query: clocking, variables: "" },
    tab(offers, {
      slug,
      offer: { title: "Oysters & stout", shortDescription: "A dozen and a pint.", tag: "Friday" },
      id: "1",
    }),
    tab(publicPage, { slug, urls: [] }),
    tab(bookings, {
      slug,
      booking: {
        roomTypeId: "1",
        guestName: "Pádraig Ó Sé",
        guestEmail: "padraig@guests.example",
        arrival: day(0),
        departure: day(2),
      },
      from: day(0),
      to: day(2),
      id: "BK-",
      roomId: "1",
    }),
    { query: events, variables: "" },
  ];
}

function tab(query: string, variables: Record<string, unknown>): Example {
  return { query, variables: JSON.stringify(variables, null, 2) };
}
