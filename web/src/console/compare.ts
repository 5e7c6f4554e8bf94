// Whether both sides say the same of an event, field by field, in GraphQL's names.

import type { HotelEvent } from "./events";
import type { LegacyPayload } from "./pusher-side";

export interface Field {
  /** As GraphQL calls it, or would. */
  name: string;
  /** Undefined where a side does not have it. */
  pusher: unknown;
  graphql: unknown;
  verdict: "same" | "differs" | "one side";
}

/** What the legacy side calls differently: the first of the names that the event has. */
const OTHER_NAMES: Record<string, string> = {
  "meta.eventId": "id",
  "meta.seq": "seq",
  "meta.cursor": "cursor",
  "offer.photo": "offer.photoUrl",
  heroImage: "settings.heroImage",
  heroImageDisplay: "settings.heroImageDisplay",
  changedAt: "occurredAt",
  assignedAt: "occurredAt",
  timestamp: "occurredAt",
};

const ENUM = /^[A-Z][A-Z_]*$/;
const TIME = /^\d{4}-\d{2}-\d{2}T/;

/** Compare a payload with the event that it is about. Fields that differ come first. */
export function compare(payload: LegacyPayload, event: HotelEvent): Field[] {
  const theirs = leaves(event);
  const compared = new Set<string>();
  const fields: Field[] = [];
  for (const [legacyName, pusher] of leaves(payload, camelCase)) {
    const other = OTHER_NAMES[legacyName];
    const name = other !== undefined && theirs.has(other) ? other : legacyName;
    const graphql = theirs.get(name);
    compared.add(name);
    const verdict = graphql === undefined ? "one side" : isSame(pusher, graphql) ? "same" : "differs";
    fields.push({ name, pusher, graphql, verdict });
  }
  for (const [name, graphql] of theirs) {
    if (!compared.has(name)) {
      fields.push({ name, pusher: undefined, graphql, verdict: "one side" });
    }
  }
  return fields.sort((one, other) => RANK[one.verdict] - RANK[other.verdict]);
}

const RANK = { differs: 0, same: 1, "one side": 2 };

/** Every value that is no object, by its path. Lists are values: their order is part of what they say. */
function leaves(value: object, rename = (name: string) => name, path = ""): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, inner] of Object.entries(value)) {
    const name = path + rename(key);
    if (inner !== null && typeof inner === "object" && !Array.isArray(inner)) {
      for (const [innerName, leaf] of leaves(inner, rename, `${name}.`)) {
        found.set(innerName, leaf);
      }
    } else {
      found.set(name, inner);
    }
  }
  return found;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** GraphQL writes ids as text, enums in capitals and times in its own way; that makes no difference. */
function isSame(pusher: unknown, graphql: unknown): boolean {
  if (typeof graphql === "string" && (typeof pusher === "string" || typeof pusher === "number")) {
    const text = String(pusher);
    if (TIME.test(graphql) && TIME.test(text)) {
      return Date.parse(text) === Date.parse(graphql);
    }
    return ENUM.test(graphql) ? text.toUpperCase() === graphql : text === graphql;
  }
  return JSON.stringify(pusher) === JSON.stringify(graphql);
}
