// What the demo's hotel has at present, so that each ready operation has something to act on.

import type { Identity } from "../shared/config";
import { execute, Refused } from "../shared/graphql";
import document from "./stock.graphql?raw";

interface Booking {
  id: string;
  status: "PENDING_PAYMENT" | "CONFIRMED";
  arrival: string;
  departure: string;
  roomType: { id: string };
}

interface Answer {
  hotel: { offers: { id: string }[]; gallery: { url: string }[]; roomTypes: { id: string }[] } | null;
  bookings: { edges: { node: Booking }[] };
}

export interface Stock {
  offerId?: string | undefined;
  roomTypeId?: string | undefined;
  /** The gallery's pictures, the last of them first. */
  turnedGallery?: string[];
  /** One that can still go all of its way. */
  booking?: Booking | undefined;
  /** A room that is free for it. */
  roomId?: string | undefined;
}

/** Look for it as a member of the hotel's staff. Empty where nobody may, or the server does not answer. */
export async function findStock(identity: Identity | undefined): Promise<Stock> {
  if (!identity) {
    return {};
  }
  try {
    return await ask(identity);
  } catch (error) {
    if (!(error instanceof Refused)) {
      throw error;
    }
    return {};
  }
}

async function ask({ hotel: slug, authorization }: Identity): Promise<Stock> {
  const request = { operation: "Stock", variables: { slug }, authorization };
  const { hotel, bookings } = await execute<Answer>(document, request);
  const open = bookings.edges.map(({ node }) => node);
  const booking = open.find(({ status }) => status === "PENDING_PAYMENT") ?? open[0];
  return {
    offerId: hotel?.offers[0]?.id,
    roomTypeId: hotel?.roomTypes[0]?.id,
    turnedGallery: (hotel?.gallery ?? []).map(({ url }) => url).reverse(),
    booking,
    roomId: booking && (await freeRoom(booking, authorization)),
  };
}

async function freeRoom(booking: Booking, authorization: string): Promise<string | undefined> {
  const { roomType, arrival, departure } = booking;
  const variables = { roomTypeId: roomType.id, from: arrival, to: departure };
  const { rooms } = await execute<{ rooms: { id: string }[] }>(document, {
    operation: "Free",
    variables,
    authorization,
  });
  return rooms[0]?.id;
}
