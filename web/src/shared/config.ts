// What the pages have to know of the server that they come from.

export type Visibility = "public" | "private" | "both";

export interface Identity {
  name: string;
  hotel: string;
  /** What goes into the `Authorization` header. */
  authorization: string;
}

export interface PusherService {
  key: string;
  cluster: string | null;
  /** Null for the embedded server, which is where the page comes from. */
  host: string | null;
  port: number | null;
  tls: boolean;
}

export interface Config {
  version: string;
  /** The server's clock when it answered. */
  serverTime: string;
  graphiql: boolean;
  /** Who one can be in the demo; empty outside of it. */
  identities: Identity[];
  pusher: PusherService;
  channels: { hotel: Visibility; booking: Visibility };
}

export async function loadConfig(): Promise<Config> {
  const asked = Date.now();
  const response = await fetch("/web/config.json");
  if (!response.ok) {
    throw new Error(`The server answers ${response.status}.`);
  }
  const config: Config = await response.json();
  const answered = Date.now();
  const difference = Date.parse(config.serverTime) - (asked + answered) / 2;
  // The server looked at its clock at some time in between, so a smaller difference may be none at all.
  clockAhead = Math.abs(difference) > (answered - asked) / 2 ? difference : 0;
  return config;
}

let clockAhead = 0;

/** The time by the server's clock, in milliseconds, to half a round trip. */
export function serverNow(): number {
  return performance.timeOrigin + performance.now() + clockAhead;
}
