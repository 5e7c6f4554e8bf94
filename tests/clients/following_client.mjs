// Drive a frontend as docs/pusher-js.md describes it: with its very code, which the tests take out of the page.
//
// Commands:
//   follow {code, url, wsPort, token}   `code` is a file with the page's first block; `url` the server's
//   disconnect {} / reconnect {}
//
// Reports: ready, shown {seq, onDuty}, failed {command, message}

import Pusher from "pusher-js";
import { obey, report } from "./lines.mjs";

let pusher;

await obey({
  async follow({ code, url, wsPort, token }) {
    const { follow } = await import(code);
    pusher = new Pusher("hotelmate-key", {
      cluster: "eu",
      wsHost: "127.0.0.1",
      wsPort,
      forceTLS: false,
      enabledTransports: ["ws"],
    });
    follow(pusher, "hotel-killarney", {
      async read() {
        const query = `{ hotel(slug: "killarney") { seq } staff { edges { node { id isOnDuty } } } }`;
        const response = await fetch(`${url}/graphql`, {
          method: "POST",
          headers: { "Content-Type": "application/json", Authorization: `Token ${token}` },
          body: JSON.stringify({ query }),
        });
        const { hotel, staff } = (await response.json()).data;
        const onDuty = Object.fromEntries(staff.edges.map(({ node }) => [node.id, node.isOnDuty]));
        return { seq: hotel.seq, onDuty };
      },
      apply(state, name, data) {
        if (name !== "clock-status-updated") return state;
        return { ...state, onDuty: { ...state.onDuty, [data.staff_id]: data.is_on_duty } };
      },
      show: (state) => report("shown", state),
    });
  },
  disconnect() {
    pusher.disconnect();
  },
  reconnect() {
    pusher.connect();
  },
});
