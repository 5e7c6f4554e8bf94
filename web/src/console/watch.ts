// One account that watches a hotel, or one booking, from both sides.

import type { Config } from "../shared/config";
import type { Account } from "./account";
import { Desk } from "./desk";
import { bookingChannels, type HotelEvent, hotelChannels, isOfBooking } from "./events";
import { GraphQLSide, type Receipt } from "./graphql-side";
import { Journal } from "./journal";
import { PusherSide } from "./pusher-side";

const ASK_EVERY = 2_000;

export class Watch {
  readonly journal = new Journal();
  readonly desk: Desk;
  readonly pusher: PusherSide;
  readonly graphql: GraphQLSide;
  readonly #channelSettings: Config["channels"];
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(
    config: Config,
    readonly account: Account,
    /** The one booking that is watched; null for the whole hotel. */
    readonly booking: string | null,
  ) {
    this.#channelSettings = config.channels;
    this.desk = new Desk(account);
    this.pusher = new PusherSide(config.pusher, account.authorization, (delivery) =>
      this.journal.deliver(delivery),
    );
    const { authorization, cursor } = account;
    this.graphql = new GraphQLSide({ authorization, booking, after: cursor }, (receipt) =>
      this.#receive(receipt),
    );
    this.pusher.join(this.#channels());
    void this.#refresh();
    this.#timer = setInterval(() => void this.#refresh(), ASK_EVERY);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.graphql.disconnect();
    this.pusher.disconnect();
  }

  #channels(): string[] {
    const { hotel, booking } = this.#channelSettings;
    return this.booking === null
      ? hotelChannels(hotel, this.account.hotel.slug)
      : bookingChannels(booking, this.booking);
  }

  #receive(receipt: Receipt): void {
    this.journal.receive(receipt, this.#excuse(receipt.event));
    if (receipt.event.__typename === "BookingCreated") {
      this.#joinBookings([receipt.event.bookingId]);
    }
    void this.desk.refresh();
  }

  /** Why pusher-js will not bring an event; null when it should. */
  #excuse(event: HotelEvent): string | null {
    if (event.__typename === "BookingCreated") {
      return "There is no legacy event for it.";
    }
    const { hotel, booking } = this.#channelSettings;
    const channels = isOfBooking(event)
      ? bookingChannels(booking, event.bookingId)
      : hotelChannels(hotel, event.hotelSlug);
    const time = Date.parse(event.occurredAt);
    return channels.some((channel) => this.pusher.hasListenedSince(channel, time))
      ? null
      : "pusher-js was not listening, and is not sent what it missed.";
  }

  async #refresh(): Promise<void> {
    if (document.visibilityState === "hidden") {
      return;
    }
    await this.desk.refresh();
    if (this.booking === null) {
      this.#joinBookings(this.desk.bookings.value.map(({ id }) => id));
    }
  }

  /** In a hotel's view one channel for each booking is enough: the private twins would each ask for leave. */
  #joinBookings(references: string[]): void {
    if (this.booking === null) {
      const visibility = this.#channelSettings.booking === "private" ? "private" : "public";
      this.pusher.join(references.flatMap((reference) => bookingChannels(visibility, reference)));
    }
  }
}
