// GraphQL subscriptions over graphql-transport-ws that come back, and go on from where they stood.

import { type Client, type ClientOptions, createClient } from "graphql-ws";

const LONGEST_WAIT = 10_000;
const PING_EVERY = 10_000;
const PONG_WITHIN = 5_000;

/** Open no connection yet: the first subscription does. `introduction` is sent as `connection_init`. */
export function createSocket(introduction: Record<string, unknown>, on: ClientOptions["on"] = {}): Client {
  const url = new URL("/graphql", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  let overdue: ReturnType<typeof setTimeout>;
  const client = createClient({
    url: url.href,
    connectionParams: introduction,
    // By default it gives up after some forty seconds, and at once when nobody listens at all, which is what a
    // server that restarts looks like. What coming back cannot mend it never tries again.
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait,
    keepAlive: PING_EVERY,
    on: {
      ...on,
      ping(received) {
        // A connection that died without a word is noticed only by what does not come back.
        if (!received) {
          overdue = setTimeout(() => client.terminate(), PONG_WITHIN);
        }
      },
      pong(received) {
        if (received) {
          clearTimeout(overdue);
        }
      },
    },
  });
  return client;
}

/** Wait longer each time, up to a limit, and not as long as everybody else who lost the same server. */
async function retryWait(retries: number): Promise<void> {
  const longest = Math.min(250 * 2 ** retries, LONGEST_WAIT);
  await new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
}

/** Why a subscription ended: GraphQL's errors, or how the socket was closed. */
export class SubscriptionEnded extends Error {
  readonly code: string;

  constructor(cause: unknown) {
    const { code, message } = explain(cause);
    super(message, { cause });
    this.code = code;
  }
}

function explain(cause: unknown): { code: string; message: string } {
  if (Array.isArray(cause)) {
    const [first] = cause as [{ message: string; extensions?: { code?: string } }];
    return { code: first.extensions?.code ?? "INTERNAL", message: first.message };
  }
  if (cause instanceof CloseEvent) {
    return { code: String(cause.code), message: cause.reason || `The socket was closed with ${cause.code}.` };
  }
  return { code: "UNREACHABLE", message: String(cause) };
}

export interface Followed<Event> {
  query: string;
  variables?: Record<string, unknown>;
  /** The cursor of what is known already; undefined to begin now. */
  after: string | undefined;
  onEvent(event: Event): void;
  onEnd(reason: SubscriptionEnded): void;
}

/**
 * Follow a subscription with one field, whose events select `cursor`, and return what stops it.
 *
 * After a lost connection it goes on behind the last event that came, because graphql-ws reads the variables
 * anew whenever it subscribes again.
 */
export function follow<Event extends { cursor: string }>(
  client: Client,
  followed: Followed<Event>,
): () => void {
  let cursor = followed.after;
  const variables = {
    ...followed.variables,
    get after() {
      return cursor;
    },
  };
  return client.subscribe<Record<string, Event>>(
    { query: followed.query, variables },
    {
      next({ data, errors }) {
        const event = Object.values(data ?? {})[0];
        if (event) {
          cursor = event.cursor;
          followed.onEvent(event);
        } else {
          followed.onEnd(new SubscriptionEnded(errors));
        }
      },
      error: (cause) => followed.onEnd(new SubscriptionEnded(cause)),
      complete() {},
    },
  );
}
