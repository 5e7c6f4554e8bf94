// The REST doors, as the server describes them itself at /openapi.json.

import "../shared/base.css";
import "./docs.css";
import { render } from "preact";
import { Brand } from "../shared/brand";
import { loadConfig } from "../shared/config";
import { DoorEntry } from "./door";
import { type Door, doorsByTag } from "./open-api";

interface PageProps {
  doors: Map<string, Door[]>;
  authorization: string;
}

function Page({ doors, authorization }: PageProps) {
  return (
    <>
      <header class="masthead">
        <Brand />
      </header>
      <main>
        <h1>REST</h1>
        <p class="soft">
          The doors that the frontends of today knock on, to the same operations as GraphQL. Staff send{" "}
          <code>Authorization: Token …</code> or <code>Bearer …</code>; every path may lack its last slash.
          For tools: <a href="/openapi.json">openapi.json</a>. For everything else there is{" "}
          <a href="/graphql">GraphQL</a>.
        </p>
        {[...doors].map(([tag, ofTag]) => (
          <section key={tag} aria-label={tag}>
            <h2>{tag}</h2>
            <ul class="sheet">
              {ofTag.map((door) => (
                <DoorEntry key={`${door.method} ${door.path}`} door={door} authorization={authorization} />
              ))}
            </ul>
          </section>
        ))}
      </main>
    </>
  );
}

const root = document.getElementById("root");
if (root) {
  const [response, { identities }] = await Promise.all([fetch("/openapi.json"), loadConfig()]);
  const header = identities[0]
    ? `'Authorization: ${identities[0].authorization}'`
    : `"Authorization: Token $TOKEN"`;
  render(<Page doors={doorsByTag(await response.json())} authorization={header} />, root);
}
