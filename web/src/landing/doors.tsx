import { useEffect, useState } from "preact/hooks";
import type { Config } from "../shared/config";
import { execute } from "../shared/graphql";
import hotelsQuery from "./hotels.graphql?raw";

interface Door {
  href: string;
  name: string;
  description: string;
}

const GRAPHIQL: Door = {
  href: "/graphql",
  name: "GraphiQL",
  description: "Queries, mutations and subscriptions to run, and the schema with search.",
};

const DOORS: Door[] = [
  {
    href: "/console",
    name: "Live console",
    description: "The same event as pusher-js and as GraphQL get it, side by side.",
  },
  {
    href: "/docs",
    name: "REST",
    description: "The doors that the frontends of today knock on.",
  },
];

const FOR_OPERATORS: Door[] = [
  { href: "/healthz", name: "/healthz", description: "Alive" },
  { href: "/readyz", name: "/readyz", description: "Ready to serve" },
  { href: "/metrics", name: "/metrics", description: "For Prometheus" },
];

interface Hotels {
  hotels: { edges: { node: { slug: string; name: string } }[] };
}

export function Doors({ config }: { config: Config }) {
  const [hotels, setHotels] = useState<Door[]>([]);

  useEffect(() => {
    void execute<Hotels>(hotelsQuery).then(({ hotels }) =>
      setHotels(
        hotels.edges.map(({ node }) => ({
          href: `/hotel/${encodeURIComponent(node.slug)}`,
          name: node.name,
          description: "The public page, live.",
        })),
      ),
    );
  }, []);

  const doors = [...(config.graphiql ? [GRAPHIQL] : []), ...DOORS, ...hotels];
  return (
    <section aria-labelledby="doors">
      <h2 id="doors">What is here</h2>
      <ul class="doors">
        {doors.map((door) => (
          <li key={door.href}>
            <a class="sheet" href={door.href}>
              <strong>{door.name}</strong>
              <span>{door.description}</span>
            </a>
          </li>
        ))}
      </ul>
      <ul class="small-doors soft">
        {FOR_OPERATORS.map((door) => (
          <li key={door.href}>
            <a href={door.href}>
              <code>{door.name}</code>
            </a>{" "}
            {door.description}
          </li>
        ))}
      </ul>
    </section>
  );
}
