import { useEffect, useState } from "preact/hooks";

const ASK_EVERY = 5_000;

type Parts = Record<string, string>;

/** What the server says of its parts at /readyz; null when it does not answer. */
async function askParts(): Promise<Parts | null> {
  try {
    const response = await fetch("/readyz");
    const { status, ...parts } = await response.json();
    return { server: status, ...parts };
  } catch {
    return null;
  }
}

export function Health() {
  const [parts, setParts] = useState<Parts | null>();

  useEffect(() => {
    const ask = async () => setParts(await askParts());
    void ask();
    const timer = setInterval(ask, ASK_EVERY);
    return () => clearInterval(timer);
  }, []);

  return (
    <section class="health sheet" aria-labelledby="health">
      <h2 id="health">How it is</h2>
      <dl aria-live="polite">
        {parts === null && <Part name="server" state="does not answer" />}
        {Object.entries(parts ?? {}).map(([name, state]) => (
          <Part key={name} name={name} state={state} />
        ))}
      </dl>
      <p class="soft">
        From <a href="/readyz">/readyz</a>, every five seconds.
      </p>
    </section>
  );
}

function Part({ name, state }: { name: string; state: string }) {
  return (
    <div>
      <dt>{name.replaceAll("_", " ")}</dt>
      <dd class={state === "ok" ? "good" : "bad"}>{state}</dd>
    </div>
  );
}
