// What both sides got, paired: an entry for each event, whichever side brings it first.

import { computed, signal } from "@preact/signals";
import { serverNow } from "../shared/config";
import { compare, type Field } from "./compare";
import type { Receipt } from "./graphql-side";
import type { Delivery } from "./pusher-side";

const KEPT = 200;
/** How long a side may be behind the other before that is remarked upon, in milliseconds. */
const PATIENCE = 2_000;

export interface Entry {
  /** `meta.event_id` here, `Event.id` there. */
  eventId: string;
  seq: number;
  firstAt: number;
  /** More than one where an event goes out on several channels, or was sent again. */
  deliveries: Delivery[];
  /** Never more than one, unless the subscription breaks its promise. */
  receipts: Receipt[];
  /** Why Pusher is not expected to bring it; null when it is. */
  excuse: string | null;
  /** The sides that brought it after a later one. */
  outOfOrder: ReadonlySet<Side>;
}

export type Side = "pusher" | "graphql";
export type Verdict = "same" | "differs" | "waiting" | "pusher only" | "graphql only";

export class Journal {
  /** Newest first. */
  readonly entries = signal<Entry[]>([]);
  readonly summary = computed(() => summarise(this.entries.value, this.#now.value));
  readonly #now = signal(serverNow());
  #newest: Record<Side, number> = { pusher: 0, graphql: 0 };

  /** Note what pusher-js got. */
  deliver(delivery: Delivery): void {
    const { event_id, seq } = delivery.payload.meta;
    this.#note("pusher", String(event_id), seq, delivery.at, (entry) => ({
      ...entry,
      deliveries: [...entry.deliveries, delivery],
    }));
  }

  /** Note what the subscription got; `excuse` says why Pusher would not bring the same. */
  receive(receipt: Receipt, excuse: string | null): void {
    const { id, seq } = receipt.event;
    this.#note("graphql", id, seq, receipt.at, (entry) => ({
      ...entry,
      receipts: [...entry.receipts, receipt],
      excuse,
    }));
  }

  clear(): void {
    this.entries.value = [];
  }

  verdict(entry: Entry): Verdict {
    return verdict(entry, this.#now.value);
  }

  #note(side: Side, eventId: string, seq: number, at: number, add: (entry: Entry) => Entry): void {
    const known = this.entries.value.find((entry) => entry.eventId === eventId);
    let entry = add(known ?? blank(eventId, seq, at));
    if (seq < this.#newest[side] && !hasBrought(side, known)) {
      entry = { ...entry, outOfOrder: new Set([...entry.outOfOrder, side]) };
    }
    this.#newest[side] = Math.max(this.#newest[side], seq);
    const others = this.entries.value.filter((other) => other !== known);
    this.entries.value = [entry, ...others].sort((one, other) => other.seq - one.seq).slice(0, KEPT);
    this.#look();
    setTimeout(() => this.#look(), PATIENCE + 50);
  }

  /** Judge again by the present time. */
  #look(): void {
    this.#now.value = serverNow();
  }
}

/** The fields of an entry that has come on both sides; none before. */
export function fields({ deliveries: [delivery], receipts: [receipt] }: Entry): Field[] {
  return delivery && receipt ? compare(delivery.payload, receipt.event) : [];
}

/** Milliseconds from the event until a side had it; null when it has not, or got it by catching up. */
export function delay(entry: Entry, side: Side): number | null {
  const {
    receipts: [receipt],
    deliveries: [delivery],
  } = entry;
  if (!receipt || (side === "graphql" && receipt.isCaughtUp)) {
    return null;
  }
  const at = side === "graphql" ? receipt.at : delivery?.at;
  return at === undefined ? null : Math.max(0, at - Date.parse(receipt.event.occurredAt));
}

/** How often a side brought the event again; that it comes on several channels is no repeat. */
export function repeats({ deliveries, receipts }: Entry, side: Side): number {
  if (side === "graphql") {
    return Math.max(0, receipts.length - 1);
  }
  return deliveries.length - new Set(deliveries.map(({ channel }) => channel)).size;
}

function blank(eventId: string, seq: number, firstAt: number): Entry {
  return { eventId, seq, firstAt, deliveries: [], receipts: [], excuse: null, outOfOrder: new Set() };
}

function hasBrought(side: Side, entry: Entry | undefined): boolean {
  return !!(side === "pusher" ? entry?.deliveries.length : entry?.receipts.length);
}

function verdict(entry: Entry, now: number): Verdict {
  const isOnPusher = entry.deliveries.length > 0;
  if (isOnPusher && entry.receipts.length > 0) {
    return fields(entry).some((field) => field.verdict === "differs") ? "differs" : "same";
  }
  if (!entry.excuse && now - entry.firstAt < PATIENCE) {
    return "waiting";
  }
  return isOnPusher ? "pusher only" : "graphql only";
}

export interface Summary {
  events: number;
  paired: number;
  differing: number;
  /** Medians in milliseconds; null while there is none. */
  pusherDelay: number | null;
  graphqlDelay: number | null;
}

function summarise(entries: Entry[], now: number): Summary {
  const verdicts = entries.map((entry) => verdict(entry, now));
  return {
    events: entries.length,
    paired: verdicts.filter((one) => one === "same" || one === "differs").length,
    differing: verdicts.filter((one) => one === "differs").length,
    pusherDelay: median(entries.map((entry) => delay(entry, "pusher"))),
    graphqlDelay: median(entries.map((entry) => delay(entry, "graphql"))),
  };
}

function median(delays: (number | null)[]): number | null {
  const known = delays.filter((delay) => delay !== null).sort((one, other) => one - other);
  return known[Math.floor(known.length / 2)] ?? null;
}
