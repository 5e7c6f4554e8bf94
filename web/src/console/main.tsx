// The live console: what pusher-js gets and what GraphQL gets, side by side.

import "../shared/base.css";
import "./console.css";
import { render } from "preact";
import { loadConfig } from "../shared/config";
import { Console } from "./console";

const root = document.getElementById("root");
if (root) {
  render(<Console config={await loadConfig()} />, root);
}
