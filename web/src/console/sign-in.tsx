import { useState } from "preact/hooks";
import { Brand } from "../shared/brand";
import type { Identity } from "../shared/config";
import { Refused } from "../shared/graphql";
import { type Account, logIn, openAccount } from "./account";

interface Props {
  identities: Identity[];
  onOpen(account: Account): void;
}

/** Ways in: the demo's people, a name and password, or a token that one has. */
export function SignIn({ identities, onOpen }: Props) {
  const [problem, setProblem] = useState<string | null>(null);

  async function open(authorization: () => Promise<string> | string) {
    setProblem(null);
    try {
      const account = await openAccount(await authorization());
      if (account) {
        onOpen(account);
      } else {
        setProblem("This token opens nothing, or no longer.");
      }
    } catch (error) {
      setProblem(error instanceof Refused ? error.message : String(error));
    }
  }

  return (
    <main class="sign-in">
      <Brand />
      <h1>Live console</h1>
      <p class="soft">
        See the same event as the frontends of today get it through Pusher, and as GraphQL clients do.
      </p>
      <p role="alert" class={problem ? "notice bad" : "visually-hidden"}>
        {problem}
      </p>
      {identities.length > 0 && (
        <section aria-labelledby="demo">
          <h2 id="demo">In the demo, be</h2>
          <p class="choices">
            {identities.map(({ name, hotel, authorization }) => (
              <button type="button" key={authorization} onClick={() => open(() => authorization)}>
                {name}, {hotel}
              </button>
            ))}
          </p>
        </section>
      )}
      <section aria-labelledby="staff">
        <h2 id="staff">Log in as staff</h2>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            void open(() => logIn(String(form.get("username")), String(form.get("password"))));
          }}
        >
          <label>
            Name
            <input name="username" autocomplete="username" required />
          </label>
          <label>
            Password
            <input name="password" type="password" autocomplete="current-password" required />
          </label>
          <button type="submit" class="primary">
            Log in
          </button>
        </form>
      </section>
      <section aria-labelledby="token">
        <h2 id="token">Use a token</h2>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const token = String(new FormData(event.currentTarget).get("token")).trim();
            void open(() => `Bearer ${token}`);
          }}
        >
          <label>
            A staff member's, or a guest's
            <input name="token" autocomplete="off" required />
          </label>
          <button type="submit">Open</button>
        </form>
      </section>
    </main>
  );
}
