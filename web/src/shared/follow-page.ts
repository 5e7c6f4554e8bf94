// A page that shows something as it is: read, then followed, and read again whenever something happens to it.

import { signal } from "@preact/signals";
import { execute, Refused } from "./graphql";
import { createSocket, follow, type SubscriptionEnded } from "./socket";

interface Shown {
  /** Where the hotel's log stood when this was read. */
  cursor: string;
}

export interface Source<Data extends Shown> {
  authorization: string | null;
  query: string;
  variables: Record<string, unknown>;
  /** What the query has answered; null when there is no such thing. */
  find(data: unknown): Data | null;
  /** Subscriptions with the query's variables, each of whose events is a reason to read again. */
  subscriptions: string[];
}

export class FollowedPage<Data extends Shown> {
  readonly data = signal<Data | null>(null);
  readonly isLive = signal(false);
  /** Why nothing can be shown, or nothing more: one of the contract's codes. */
  readonly refusal = signal<string | null>(null);
  readonly #source: Source<Data>;
  #isReading = false;
  #isStale = false;

  constructor(source: Source<Data>) {
    this.#source = source;
  }

  /** Begin; goes on for as long as the page is open. */
  async start(): Promise<void> {
    await this.#read();
    const after = this.data.value?.cursor;
    if (after !== undefined) {
      this.#follow(after);
    }
  }

  #follow(after: string): void {
    const { authorization, subscriptions, variables } = this.#source;
    const socket = createSocket(authorization ? { authorization } : {}, {
      connected: () => {
        this.isLive.value = true;
      },
      closed: () => {
        this.isLive.value = false;
      },
    });
    for (const query of subscriptions) {
      follow(socket, {
        query,
        variables,
        after,
        onEvent: () => void this.#read(),
        onEnd: (reason) => this.#end(reason),
      });
    }
  }

  /** Read what there is; a call while that is under way has it read once more. */
  async #read(): Promise<void> {
    this.#isStale = true;
    if (this.#isReading) {
      return;
    }
    this.#isReading = true;
    while (this.#isStale) {
      this.#isStale = false;
      await this.#readOnce();
    }
    this.#isReading = false;
  }

  async #readOnce(): Promise<void> {
    const { query, variables, authorization, find } = this.#source;
    try {
      const found = find(await execute(query, { variables, authorization }));
      this.data.value = found;
      this.refusal.value = found ? null : "NOT_FOUND";
    } catch (error) {
      if (!(error instanceof Refused)) {
        throw error;
      }
      this.refusal.value = error.code;
    }
  }

  #end({ code }: SubscriptionEnded): void {
    if (code === "CURSOR_EXPIRED") {
      // Away for longer than the log goes back: begin again with what there is now.
      void this.start();
    } else {
      this.isLive.value = false;
      this.refusal.value = code;
    }
  }
}
