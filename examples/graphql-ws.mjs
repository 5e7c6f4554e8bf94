// Print who goes on and off duty, with graphql-ws (https://the-guild.dev/graphql/ws), for ever and without a gap.

import { socket } from "./socket.mjs";

// Where the hotel's log stands now: what is followed from there leaves no gap behind it.
const query = "{ viewer { ... on Staff { hotel { cursor } } } }";
const { value } = await socket.iterate({ query }).next();
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
for await (const { data, errors } of socket.iterate({ query: clockStatus, variables })) {
  if (errors) throw new Error(errors[0].message);
  const { seq, firstName, isOnDuty, cursor: here } = data.clockStatus;
  console.log(`${seq} ${firstName} is ${isOnDuty ? "on" : "off"} duty`);
  cursor = here;
}
