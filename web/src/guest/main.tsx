// The guest's page about a booking, at /guest/{id}#token={guest token}: it changes when the staff do something.

import "../shared/base.css";
import "./guest.css";
import { render } from "preact";
import { FollowedPage } from "../shared/follow-page";
import type { Booking } from "./booking";
import query from "./booking.graphql?raw";
import changes from "./changes.graphql?raw";
import { Stay } from "./stay";

const id = decodeURIComponent(location.pathname.split("/").at(-1) ?? "");
const token = new URLSearchParams(location.hash.slice(1)).get("token");

const page = new FollowedPage<Booking>({
  authorization: token && `GuestToken ${token}`,
  query,
  variables: { id },
  find: (data) => (data as { booking: Booking | null }).booking,
  subscriptions: [changes],
});

// Another link pasted over this one changes only what follows the #, for which browsers load nothing.
addEventListener("hashchange", () => location.reload());

const root = document.getElementById("root");
if (root) {
  render(<Stay page={page} />, root);
  void page.start();
}
