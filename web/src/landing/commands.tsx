import type { Config, Identity } from "../shared/config";
import { CopyButton } from "../shared/copy-button";

interface Step {
  title: string;
  explanation: string;
  command: string;
}

const LOG_IN: Step = {
  title: "Log in",
  explanation: "With a staff member's name and password. The next commands use the token.",
  command: `read -rp 'Name: ' NAME; read -rsp 'Password: ' PASSWORD; echo
TOKEN=$(curl --silent ${location.origin}/graphql \\
  --json '{"query": "mutation ($name: String!, $password: String!) { logIn(username: $name, password: $password) { token } }",
           "variables": {"name": "'"$NAME"'", "password": "'"$PASSWORD"'"}}' \\
  | python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["logIn"]["token"])')`,
};

/** The first commands, with this server's address, and in the demo with a token that works. */
function steps(identity: Identity | undefined): Step[] {
  const header = identity ? `'Authorization: ${identity.authorization}'` : `"Authorization: Token $TOKEN"`;
  return [
    ...(identity ? [] : [LOG_IN]),
    {
      title: "Ask",
      explanation: "Anyone may read the public pages.",
      command: `curl --silent ${location.origin}/graphql \\
  --json '{"query": "{ hotels { edges { node { slug name offers { title } } } } }"}'`,
    },
    {
      title: "Watch",
      explanation: "A subscription as an event stream. Leave it running; Ctrl-C ends it.",
      command: `curl --no-buffer --silent ${location.origin}/graphql \\
  --header ${header} \\
  --header 'Accept: text/event-stream' \\
  --json '{"query": "subscription { clockStatus { firstName action seq cursor } }"}'`,
    },
    {
      title: "Act",
      explanation: "In a second terminal: clock in or out, and see it arrive in the first.",
      command: `curl --silent ${location.origin}/graphql \\
  --header ${header} \\
  --json '{"query": "mutation { toggleClock { action clockTime staff { firstName } } }"}'`,
    },
  ];
}

export function Commands({ config }: { config: Config }) {
  return (
    <section aria-labelledby="commands">
      <h2 id="commands">The first commands</h2>
      <ol class="commands">
        {steps(config.identities[0]).map(({ title, explanation, command }) => (
          <li key={title}>
            <div>
              <h3>{title}</h3>
              <p class="soft">{explanation}</p>
            </div>
            <figure class="sheet">
              <pre tabIndex={0} role="region" aria-label={`Command: ${title}`}>
                <code>{command}</code>
              </pre>
              <CopyButton text={command} label={`Copy the command: ${title}`} />
            </figure>
          </li>
        ))}
      </ol>
    </section>
  );
}
