// Print who goes on and off duty, with graphql-ws (https://the-guild.dev/graphql/ws), for ever and without a gap.

import { createClient } from "graphql-ws";
import WebSocket from "ws";

const { HOTELMATE_URL = "http://127.0.0.1:8000", HOTELMATE_TOKEN = "demo-ben" } = process.env;

const client = createClient({
  url: `${HOTELMATE_URL.replace(/^http/, "ws")}/graphql`,
  connectionParams: { authorization: `Token ${HOTELMATE_TOKEN}` },
  webSocketImpl: WebSocket, // a browser has its own
  // By default graphql-ws gives up after five tries, and at once when nobody listens at all, which is what a
  // server that restarts looks like.
  retryAttempts: Infinity,
  shouldRetry: () => true,
});

// Where the hotel's log stands now: what is followed from there leaves no gap behind it.
const query = "{ viewer { ... on Staff { hotel { cursor } } } }";
const { value } = await client.iterate({ query }).next();
let { cursor } = value.data.viewer.hotel;

const variables = {
  // Read whenever the client subscribes, after a lost connection too: it goes on where it stood.
  get after() {
    return cursor;
  },
};
const clockStatus = `
  subscription ($after: String) {
    clockStatus(after: $after) {
      seq
      cursor
      firstName
      isOnDuty
    }
  }`;

console.error("following");
for await (const { data, errors } of client.iterate({ query: clockStatus, variables })) {
  if (errors) throw new Error(errors[0].message);
  const { seq, firstName, isOnDuty, cursor: here } = data.clockStatus;
  console.log(`${seq} ${firstName} is ${isOnDuty ? "on" : "off"} duty`);
  cursor = here;
}
