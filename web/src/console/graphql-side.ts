// Events as a GraphQL subscription gets them, which goes on from the last one whenever it comes back.

import { signal } from "@preact/signals";
import type { Client } from "graphql-ws";
import { serverNow } from "../shared/config";
import { createSocket, follow, type SubscriptionEnded } from "../shared/socket";
import bookingEvents from "./documents/booking-events.graphql?raw";
import hotelEvents from "./documents/hotel-events.graphql?raw";
import type { HotelEvent } from "./events";

export interface Receipt {
  at: number;
  event: HotelEvent;
  /** It happened before the socket was open: the server sent what had been missed. */
  isCaughtUp: boolean;
}

export class GraphQLSide {
  readonly state = signal("disconnected");
  /** Why the server ended the subscription; null while it has not. */
  readonly ended = signal<SubscriptionEnded | null>(null);
  readonly #authorization: string;
  readonly #booking: string | null;
  readonly #onReceipt: (receipt: Receipt) => void;
  #after: string | undefined;
  #connectedAt = 0;
  #socket: Client | null = null;

  constructor(
    { authorization, booking, after }: { authorization: string; booking: string | null; after: string },
    onReceipt: (receipt: Receipt) => void,
  ) {
    this.#authorization = authorization;
    this.#booking = booking;
    this.#after = after;
    this.#onReceipt = onReceipt;
    this.connect();
  }

  connect(): void {
    this.ended.value = null;
    this.#socket = createSocket(
      { authorization: this.#authorization },
      {
        connecting: (isRetry) => {
          this.state.value = isRetry ? "reconnecting" : "connecting";
        },
        connected: () => {
          this.#connectedAt = serverNow();
          this.state.value = "connected";
        },
        closed: () => {
          this.state.value = this.#socket ? "reconnecting" : "disconnected";
        },
      },
    );
    follow<HotelEvent>(this.#socket, {
      query: this.#booking ? bookingEvents : hotelEvents,
      variables: this.#booking ? { id: this.#booking } : {},
      after: this.#after,
      onEvent: (event) => this.#receive(event),
      onEnd: (reason) => this.#end(reason),
    });
  }

  disconnect(): void {
    const socket = this.#socket;
    this.#socket = null;
    void socket?.dispose();
    this.state.value = "disconnected";
  }

  #receive(event: HotelEvent): void {
    this.#after = event.cursor;
    const isCaughtUp = Date.parse(event.occurredAt) < this.#connectedAt;
    this.#onReceipt({ at: serverNow(), event, isCaughtUp });
  }

  #end(reason: SubscriptionEnded): void {
    if (reason.code === "CURSOR_EXPIRED") {
      // What follows it is gone from the log; the next connection begins with what happens then.
      this.#after = undefined;
    }
    this.disconnect();
    this.ended.value = reason;
  }
}
