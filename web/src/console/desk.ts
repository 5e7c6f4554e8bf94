// What the buttons act on, kept as it is by asking again after every event.

import { signal } from "@preact/signals";
import { execute, Refused, upload } from "../shared/graphql";
import type { Account } from "./account";
import document from "./documents/desk.graphql?raw";
import operations from "./documents/operations.graphql?raw";
import uploads from "./documents/uploads.graphql?raw";

const ASK_AGAIN_AFTER = 300;

export interface Offer {
  id: string;
  title: string;
  isActive: boolean;
}

export interface Booking {
  id: string;
  status: "PENDING_PAYMENT" | "CONFIRMED" | "CHECKED_IN" | "CHECKED_OUT" | "CANCELLED" | "NO_SHOW";
  guestName: string;
  arrival: string;
  departure: string;
  roomType: { id: string };
  room: { number: string } | null;
}

export interface DeadLetter {
  event: { id: string; seq: number };
  channel: string;
  eventName: string;
  error: string;
  failedAt: string;
}

export interface Delivery {
  deliveredSeq: number;
  latestSeq: number;
  pending: number;
  oldestPendingSeconds: number | null;
  lastError: string | null;
  deadLetterCount: number;
  deadLetters: DeadLetter[];
}

interface HotelData {
  isOnDuty: boolean;
  offers: Offer[];
  gallery: string[];
  roomTypes: { id: string; name: string }[];
}

interface DeskData {
  viewer: { isOnDuty: boolean };
  hotel: { offers: Offer[]; gallery: { url: string }[]; roomTypes: { id: string; name: string }[] };
  bookings: { edges: { node: Booking }[] };
}

export interface Outcome {
  text: string;
  isRefusal: boolean;
}

export class Desk {
  /** What staff have to do with; null for a guest, and until it is known. */
  readonly hotel = signal<HotelData | null>(null);
  readonly bookings = signal<Booking[]>([]);
  readonly delivery = signal<Delivery | null>(null);
  readonly isBusy = signal(false);
  readonly outcome = signal<Outcome | null>(null);
  /** Why what is shown may be old; null while it is not. */
  readonly problem = signal<string | null>(null);
  readonly #account: Account;
  #underWay: Promise<void> = Promise.resolve();
  #isAsking = false;
  #isStale = false;

  constructor(account: Account) {
    this.#account = account;
  }

  /** Ask for everything anew; a call while that is under way has it asked once more. */
  async refresh(): Promise<void> {
    this.#isStale = true;
    if (this.#isAsking) {
      return;
    }
    this.#isAsking = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        await (this.#account.booking === null ? this.#askAsStaff() : this.#askAsGuest(this.#account.booking));
      }
      this.problem.value = null;
      this.#lookAgainWhilePending();
    } catch (error) {
      this.problem.value = explanation(error);
    } finally {
      this.#isAsking = false;
    }
  }

  /**
   * Carry out something for the user, after what is under way, and say what came of it.
   *
   * Buttons stay enabled meanwhile, because one that is disabled loses the focus of who works with the keyboard.
   */
  perform(done: string, work: () => Promise<unknown>): Promise<void> {
    const next = () => this.#carryOut(done, work);
    this.#underWay = this.#underWay.then(next, next);
    return this.#underWay;
  }

  async #carryOut(done: string, work: () => Promise<unknown>): Promise<void> {
    this.isBusy.value = true;
    this.outcome.value = null;
    try {
      await work();
      this.outcome.value = { text: done, isRefusal: false };
    } catch (error) {
      this.outcome.value = { text: explanation(error), isRefusal: true };
    } finally {
      this.isBusy.value = false;
    }
    await this.refresh();
  }

  /** Carry out one of `operations.graphql`. Throws `Refused`. */
  async ask<Data>(operation: string, variables: Record<string, unknown> = {}): Promise<Data> {
    const { authorization } = this.#account;
    return await execute<Data>(operations, { operation, variables, authorization });
  }

  /** Carry out one of `uploads.graphql`, with a picture in one of its variables. Throws `Refused`. */
  async send(
    operation: string,
    picture: { variable: string; file: File },
    variables: Record<string, unknown> = {},
  ): Promise<void> {
    const { authorization } = this.#account;
    await upload(uploads, { operation, variables, authorization }, picture);
  }

  /** Nothing tells when the bridge has delivered. */
  #lookAgainWhilePending(): void {
    if (this.delivery.value?.pending) {
      setTimeout(() => void this.refresh(), ASK_AGAIN_AFTER);
    }
  }

  async #askAsStaff(): Promise<void> {
    const { authorization, hotel } = this.#account;
    const request = { operation: "Desk", variables: { slug: hotel.slug }, authorization };
    const [desk, { delivery }] = await Promise.all([
      execute<DeskData>(document, request),
      this.ask<{ delivery: Delivery }>("Delivery"),
    ]);
    const { offers, gallery, roomTypes } = desk.hotel;
    const { isOnDuty } = desk.viewer;
    this.hotel.value = { isOnDuty, offers, gallery: gallery.map(({ url }) => url), roomTypes };
    this.bookings.value = desk.bookings.edges.map(({ node }) => node);
    this.delivery.value = delivery;
  }

  async #askAsGuest(id: string): Promise<void> {
    const { authorization } = this.#account;
    const request = { operation: "OneBooking", variables: { id }, authorization };
    const { booking } = await execute<{ booking: Booking }>(document, request);
    this.bookings.value = [booking];
  }
}

function explanation(error: unknown): string {
  if (!(error instanceof Refused)) {
    throw error;
  }
  return `${error.message} (${error.code})`;
}
