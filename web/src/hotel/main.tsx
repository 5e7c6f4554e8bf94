// A hotel's public page, at /hotel/{slug}: it changes when the staff change it.

import "../shared/base.css";
import "./hotel.css";
import { render } from "preact";
import { FollowedPage } from "../shared/follow-page";
import type { Hotel } from "./hotel";
import query from "./hotel.graphql?raw";
import offerChanges from "./offer-changes.graphql?raw";
import { PublicPage } from "./public-page";
import settingsChanges from "./settings-changes.graphql?raw";

const slug = decodeURIComponent(location.pathname.split("/").at(-1) ?? "");

const page = new FollowedPage<Hotel>({
  authorization: null,
  query,
  variables: { slug },
  find: (data) => (data as { hotel: Hotel | null }).hotel,
  subscriptions: [offerChanges, settingsChanges],
});

const root = document.getElementById("root");
if (root) {
  render(<PublicPage page={page} />, root);
  void page.start();
}
