import type { Config, Identity } from "../shared/config";
import { CopyButton } from "../shared/copy-button";

interface Step {
  title: string;
  explanation: string;
  command: string;
}

// One command, because what is pasted after a shell's own `read` would be read as the name; and in Python, which puts
// any password into JSON. What it asks goes to the terminal, what it prints into the variable.
const LOG_IN: Step = {
  title: "Log in",
  explanation: "With a staff member's name and password, in each terminal. The next commands use the token.",
  command: `TOKEN=$(python3 -c '
import getpass, json, sys, urllib.request
print("Name: ", end="", file=sys.stderr, flush=True)
variables = {"name": input(), "password": getpass.getpass()}
query = """mutation ($name: String!, $password: String!) {
  logIn(username: $name, password: $password) { token }
}"""
request = urllib.request.Request(
    "${location.origin}/graphql",
    json.dumps({"query": query, "variables": variables}).encode(),
    {"Content-Type": "application/json"},
)
answer = json.load(urllib.request.urlopen(request))
print(answer["data"]["logIn"]["token"] if answer.get("data") else sys.exit(answer["errors"][0]["message"]))
')`,
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
