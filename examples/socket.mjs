// The GraphQL socket of the examples, with what lets it come back for ever: a client of graphql-ws
// (https://the-guild.dev/graphql/ws), which Apollo Client and urql use as well.

import { createClient } from "graphql-ws";
import WebSocket from "ws";

const { HOTELMATE_URL = "http://127.0.0.1:8000", HOTELMATE_TOKEN = "demo-ben" } = process.env;

export const url = `${HOTELMATE_URL}/graphql`;
export const authorization = `Token ${HOTELMATE_TOKEN}`;

let overdue;

export const socket = createClient({
  url: url.replace(/^http/, "ws"),
  connectionParams: { authorization },
  webSocketImpl: WebSocket, // a browser has its own
  // By default graphql-ws gives up after five tries, and at once when nobody listens at all, which is what a
  // server that restarts looks like.
  retryAttempts: Infinity,
  shouldRetry: () => true,
  // A connection that died without a word is noticed only by the answer that does not come.
  keepAlive: 10_000,
  on: {
    ping(received) {
      if (!received) overdue = setTimeout(() => socket.terminate(), 5_000);
    },
    pong(received) {
      if (received) clearTimeout(overdue);
    },
    closed() {
      clearTimeout(overdue);
    },
  },
});
