/** @jsxImportSource react */
// GraphiQL, served by HotelMate itself: nothing in here comes from another machine.

import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./graphiql.css";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { createRoot } from "react-dom/client";
import { type Config, loadConfig } from "../shared/config";
import { ActiveTab } from "./active-tab";
import { examples } from "./examples";
import { fetcher } from "./fetcher";
import { FILES_PLUGIN } from "./files";
import { headersFor, IdentityPicker, initialAuthorization } from "./identity-picker";
import { findStock, type Stock } from "./stock";

const PLUGINS = [HISTORY_PLUGIN, FILES_PLUGIN];

function Page({ identities, stock }: Pick<Config, "identities"> & { stock: Stock }) {
  const isDemo = identities.length > 0;
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={examples(identities[0]?.hotel ?? "your-hotel", stock)}
      defaultHeaders={headersFor(initialAuthorization(identities))}
      defaultEditorToolsVisibility={isDemo ? "headers" : "variables"}
      plugins={PLUGINS}
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <div className="hotelmate">
          <ActiveTab />
          {isDemo && <IdentityPicker identities={identities} />}
          <a href="/">HotelMate</a>
        </div>
      </GraphiQL.Logo>
    </GraphiQL>
  );
}

const root = document.getElementById("root");
if (root) {
  const { identities } = await loadConfig();
  const stock = await findStock(identities[0]);
  createRoot(root).render(<Page identities={identities} stock={stock} />);
}
