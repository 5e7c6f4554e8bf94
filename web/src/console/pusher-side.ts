// Events as the frontends of today get them: a real pusher-js client.

import { signal } from "@preact/signals";
import Pusher, { type Channel, type Options } from "pusher-js";
import { type PusherService, serverNow } from "../shared/config";

export interface LegacyPayload {
  meta: { event_id: number; seq: number; cursor: string };
  [key: string]: unknown;
}

export interface Delivery {
  at: number;
  channel: string;
  name: string;
  payload: LegacyPayload;
}

export class PusherSide {
  /** pusher-js's own word for how the connection stands. */
  readonly state = signal("initialized");
  /** The channels that may not be joined. */
  readonly refused = signal<string[]>([]);
  readonly #pusher: Pusher;
  readonly #onDelivery: (delivery: Delivery) => void;
  readonly #joinedAt = new Map<string, number>();

  constructor(service: PusherService, authorization: string, onDelivery: (delivery: Delivery) => void) {
    this.#onDelivery = onDelivery;
    this.#pusher = new Pusher(service.key, options(service, authorization));
    this.state.value = this.#pusher.connection.state;
    this.#pusher.connection.bind("state_change", ({ current }: { current: string }) => {
      this.state.value = current;
      if (current !== "connected") {
        this.#joinedAt.clear();
      }
    });
  }

  /** Listen on these channels as well. */
  join(channels: string[]): void {
    for (const name of channels) {
      if (!this.#pusher.channel(name)) {
        this.#listen(this.#pusher.subscribe(name));
      }
    }
  }

  /** Whether a channel has been listened on since a time by the server's clock. */
  hasListenedSince(channel: string, time: number): boolean {
    const joinedAt = this.#joinedAt.get(channel);
    return joinedAt !== undefined && joinedAt <= time;
  }

  connect(): void {
    this.#pusher.connect();
  }

  disconnect(): void {
    this.#pusher.disconnect();
  }

  #listen(channel: Channel): void {
    channel.bind_global((name: string, payload: LegacyPayload) => {
      if (name === "pusher:subscription_succeeded") {
        this.#joinedAt.set(channel.name, serverNow());
      } else if (name === "pusher:subscription_error") {
        this.refused.value = [...this.refused.value, channel.name];
      } else if (!name.startsWith("pusher")) {
        this.#onDelivery({ at: serverNow(), channel: channel.name, name, payload });
      }
    });
  }
}

function options(service: PusherService, authorization: string): Options {
  return {
    ...address(service),
    enabledTransports: ["ws", "wss"],
    channelAuthorization: {
      endpoint: "/pusher/auth",
      transport: "ajax",
      headers: { Authorization: authorization },
    },
  };
}

function address({ cluster, host, port, tls }: PusherService): Options {
  if (cluster && !host) {
    return { cluster };
  }
  const isSecure = host ? tls : location.protocol === "https:";
  const number = port ?? (Number(location.port) || (isSecure ? 443 : 80));
  // With a host of its own a cluster means nothing, but pusher-js insists on one.
  return {
    cluster: cluster ?? "none",
    wsHost: host ?? location.hostname,
    wsPort: number,
    wssPort: number,
    forceTLS: isSecure,
  };
}
