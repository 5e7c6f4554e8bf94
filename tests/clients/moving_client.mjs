// Drive the frontends of docs/moving.md, as they are before and after: with their very code, which the tests take out
// of the page.
//
// Commands:
//   watch {folder, url, wsPort, token, staffId, booking: {id, token}}   `folder` holds the page's blocks as files
//   toggle_clock {side} / create_offer {side, offer, photo}             as the page does it; `photo` in base64
//
// Reports: ready, level (all channels are subscribed), failed {command, message}
//   shown {component, side, state}    both sides' state in one form

import Pusher from "pusher-js";
import WebSocket from "ws";
import { obey, report } from "./lines.mjs";

globalThis.WebSocket ??= WebSocket; // as browsers have it; Node 20 has none

const HOTEL = "killarney";
let page;
let pusher;
let live;
let settings;

const clock = (state) => state;
const booking = (state) => state;
const pictures = (state) => state;
const offersBefore = (offers) =>
  inOrder(offers.map(({ id, title, photo_url, is_active }) => [String(id), title, photo_url, is_active]));
const offersAfter = (offers) =>
  inOrder(offers.map(({ id, title, photoUrl, isActive = true }) => [id, title, photoUrl, isActive]));

function inOrder(offers) {
  return offers.sort(([one], [other]) => Number(one) - Number(other));
}

function shows(component, side, inOneForm) {
  return (state) => report("shown", { component, side, state: inOneForm(structuredClone(state)) });
}

async function load(folder) {
  const names = ["clock", "staff-offers", "public-offers", "pictures", "booking"];
  const loaded = names.flatMap((name) =>
    ["before", "after"].map(async (side) => [
      `${name}.${side}`,
      await import(`${folder}/${name}.${side}.mjs`),
    ]),
  );
  return Object.fromEntries(await Promise.all(loaded));
}

function connect({ url, wsPort }, channelAuthorization) {
  return new Pusher("hotelmate-key", {
    cluster: "eu",
    wsHost: "127.0.0.1",
    wsPort,
    forceTLS: false,
    enabledTransports: ["ws"],
    channelAuthorization,
  });
}

async function subscribed(client, name) {
  while (!client.channel(name)?.subscribed) await new Promise((resolve) => setTimeout(resolve, 20));
}

await obey({
  async watch({ folder, ...given }) {
    settings = given;
    const { url, token, staffId, booking: stay } = given;
    page = await load(folder);
    const { createLive } = await import(`${folder}/live.mjs`);
    live = createLive(url, `Token ${token}`);
    pusher = connect(given);
    const headers = { Authorization: `GuestToken ${stay.token}` };
    const guestPusher = connect(given, { endpoint: `${url}/pusher/auth`, transport: "ajax", headers });

    page["clock.before"].watchClock(pusher, HOTEL, staffId, shows("clock", "before", clock));
    const components = [
      page["staff-offers.before"].watchOffers(
        pusher,
        url,
        HOTEL,
        token,
        shows("staff-offers", "before", offersBefore),
      ),
      page["public-offers.before"].watchOffers(
        pusher,
        url,
        HOTEL,
        shows("public-offers", "before", offersBefore),
      ),
      page["pictures.before"].watchPictures(pusher, url, HOTEL, shows("pictures", "before", pictures)),
      page["booking.before"].watchBooking(
        guestPusher,
        url,
        HOTEL,
        stay.id,
        stay.token,
        shows("booking", "before", booking),
      ),
    ];
    await Promise.all(components);

    page["clock.after"].watchClock(live, String(staffId), shows("clock", "after", clock));
    page["staff-offers.after"].watchOffers(live, HOTEL, shows("staff-offers", "after", offersAfter));
    const anybody = createLive(url);
    page["public-offers.after"].watchOffers(anybody, HOTEL, shows("public-offers", "after", offersAfter));
    page["pictures.after"].watchPictures(anybody, HOTEL, shows("pictures", "after", pictures));
    const guest = createLive(url, `GuestToken ${stay.token}`);
    page["booking.after"].watchBooking(guest, stay.id, shows("booking", "after", booking));

    await subscribed(pusher, `hotel-${HOTEL}`);
    await subscribed(guestPusher, `private-guest-booking.${stay.id}`);
    report("level");
  },
  async toggle_clock({ side }) {
    const { url, token } = settings;
    if (side === "before") await page["clock.before"].toggleClock(url, HOTEL, token);
    else await page["clock.after"].toggleClock(live);
  },
  async create_offer({ side, offer, photo }) {
    const { url, token } = settings;
    const file = new File([Buffer.from(photo, "base64")], "photo.png", { type: "image/png" });
    if (side === "before") await page["staff-offers.before"].createOffer(url, HOTEL, token, offer, file);
    else await page["staff-offers.after"].createOffer(live, offer, file);
  },
});
