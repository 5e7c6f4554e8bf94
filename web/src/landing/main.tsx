// The landing page: what runs here, how it is, and what to type first.

import "../shared/base.css";
import "./landing.css";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Brand } from "../shared/brand";
import { type Config, loadConfig } from "../shared/config";
import { Commands } from "./commands";
import { Doors } from "./doors";
import { Health } from "./health";

function Page() {
  const [config, setConfig] = useState<Config>();

  useEffect(() => {
    void loadConfig().then(setConfig);
  }, []);

  return (
    <>
      <header class="masthead">
        <Brand />
        {config && <span class="soft">version {config.version}</span>}
      </header>
      <main>
        <section class="hero">
          <div>
            <p class="eyebrow">{location.host}</p>
            <h1>Every change, on every screen.</h1>
            <p class="lead">
              Staff clock in, offers change, guests arrive: GraphQL clients do it and watch it happen, and the
              frontends of today get the same events through Pusher.
            </p>
            {config && (
              <p class="actions">
                {config.graphiql && (
                  <a class="button primary" href="/graphql">
                    Open GraphiQL
                  </a>
                )}
                <a class="button" href="/console">
                  Watch it live
                </a>
              </p>
            )}
          </div>
          <Health />
        </section>
        {config && <Doors config={config} />}
        {config && <Commands config={config} />}
      </main>
    </>
  );
}

const root = document.getElementById("root");
if (root) {
  render(<Page />, root);
}
