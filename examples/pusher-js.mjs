// Print who goes on and off duty, with pusher-js (https://github.com/pusher/pusher-js).
//
// Pusher sends nothing again to those who were away. Whenever the subscription stands, at first and after each lost
// connection, this asks GraphQL for what came after the last event that it has shown.

import Pusher from "pusher-js";

const {
  HOTELMATE_URL = "http://127.0.0.1:8000",
  HOTELMATE_TOKEN = "demo-ben",
  PUSHER_KEY = "hotelmate-key",
} = process.env;
const { hostname, port } = new URL(HOTELMATE_URL);

// For hosted Pusher: new Pusher(key, { cluster }).
const pusher = new Pusher(PUSHER_KEY, {
  cluster: "eu",
  wsHost: hostname,
  wsPort: Number(port),
  forceTLS: false,
  enabledTransports: ["ws"],
});

let last = await ask("{ viewer { ... on Staff { hotel { seq cursor } } } }").then(
  ({ viewer }) => viewer.hotel,
);
let missed = Promise.resolve();

const channel = pusher.subscribe("hotel-killarney");
channel.bind("clock-status-updated", async (data) => {
  await missed; // what came before it is shown first
  show(data.meta, data.first_name, data.is_on_duty);
});
channel.bind("pusher:subscription_succeeded", () => {
  missed = missed.then(readMissed);
});

async function readMissed() {
  const { events } = await persistently(() =>
    ask(
      `query ($after: String) {
        events(after: $after, first: 500) {
          seq
          cursor
          ... on ClockStatusUpdated { firstName isOnDuty }
        }
      }`,
      { after: last.cursor },
    ),
  );
  for (const event of events) {
    if (event.firstName) show(event, event.firstName, event.isOnDuty);
  }
  if (events.length === 500) await readMissed();
}

function show({ seq, cursor }, firstName, isOnDuty) {
  if (seq <= last.seq) return; // Pusher gets each event at least once
  console.log(`${seq} ${firstName} is ${isOnDuty ? "on" : "off"} duty`);
  last = { seq, cursor };
}

async function ask(query, variables) {
  const response = await fetch(`${HOTELMATE_URL}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Token ${HOTELMATE_TOKEN}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

// A server that has just come back may not answer at once.
async function persistently(read) {
  for (let pause = 500; ; pause = Math.min(2 * pause, 10_000)) {
    try {
      return await read();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random() / 2)));
    }
  }
}
console.error("following");
