// Who uses the console, and what they watch: a hotel as its staff, or one booking as staff or as its guest.

import { execute } from "../shared/graphql";
import document from "./documents/account.graphql?raw";

const STORAGE_KEY = "hotelmate:console-authorization";

interface Hotel {
  slug: string;
  name: string;
}

export interface Account {
  authorization: string;
  name: string;
  hotel: Hotel;
  /** A guest's booking; null for staff, who may watch everything in their hotel. */
  booking: string | null;
  /** Where the hotel's log stood when the account was opened. */
  cursor: string;
}

interface Viewer {
  viewer:
    | null
    | { __typename: "Staff"; firstName: string; lastName: string; hotel: Hotel & { cursor: string } }
    | { __typename: "Guest"; booking: { id: string; guestName: string; cursor: string; hotel: Hotel } };
}

/** What was used in this tab before. */
export function rememberedAuthorization(): string | null {
  return sessionStorage.getItem(STORAGE_KEY);
}

/** The account that an `Authorization` header opens, remembered for this tab; null when it opens none. */
export async function openAccount(authorization: string): Promise<Account | null> {
  const { viewer } = await execute<Viewer>(document, { operation: "Viewer", authorization });
  if (viewer === null) {
    return null;
  }
  sessionStorage.setItem(STORAGE_KEY, authorization);
  if (viewer.__typename === "Guest") {
    const { id, guestName, cursor, hotel } = viewer.booking;
    return { authorization, name: guestName, hotel, booking: id, cursor };
  }
  const { firstName, lastName, hotel } = viewer;
  return { authorization, name: `${firstName} ${lastName}`, hotel, booking: null, cursor: hotel.cursor };
}

export function forgetAccount(): void {
  sessionStorage.removeItem(STORAGE_KEY);
}

/** The `Authorization` header that a name and password open. Throws `Refused` when they do not. */
export async function logIn(username: string, password: string): Promise<string> {
  const request = { operation: "LogIn", variables: { username, password } };
  const { logIn } = await execute<{ logIn: { token: string } }>(document, request);
  return `Token ${logIn.token}`;
}
