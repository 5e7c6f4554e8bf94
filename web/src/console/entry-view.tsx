import { useState } from "preact/hooks";
import { describe, inWords } from "./events";
import { delay, type Entry, type Side, fields, repeats, type Verdict } from "./journal";

const VERDICTS: Record<Verdict, string> = {
  same: "same",
  differs: "differs",
  waiting: "waiting",
  "pusher only": "pusher-js only",
  "graphql only": "GraphQL only",
};

/** One event: what happened, when each side had it, and unfolded, what each was told. */
export function EntryView({ entry, verdict }: { entry: Entry; verdict: Verdict }) {
  const [isOpen, setIsOpen] = useState(false);
  const { deliveries, excuse, seq } = entry;
  const [receipt] = entry.receipts;
  const legacyName = deliveries[0]?.name;
  return (
    <li data-event-id={entry.eventId} data-verdict={verdict}>
      <details onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
        <summary>
          <span class="seq">{seq}</span>
          <span class="what">
            <strong>{receipt ? describe(receipt.event) : legacyName && inWords(legacyName)}</strong>
            <span class="names soft">
              {receipt && <code>{receipt.event.__typename}</code>}
              {legacyName && <code>{legacyName}</code>}
            </span>
          </span>
          <SideCell entry={entry} side="pusher" name="pusher-js" />
          <SideCell entry={entry} side="graphql" name="GraphQL" />
          <span class={`verdict ${verdict.replace(" ", "-")}`}>{VERDICTS[verdict]}</span>
        </summary>
        {isOpen && (
          <div class="unfolded">
            {excuse && deliveries.length === 0 && <p class="notice">{excuse}</p>}
            <FieldTable entry={entry} />
            <Raw entry={entry} />
          </div>
        )}
      </details>
    </li>
  );
}

function SideCell({ entry, side, name }: { entry: Entry; side: Side; name: string }) {
  const took = delay(entry, side);
  const hasCome = (side === "pusher" ? entry.deliveries : entry.receipts).length > 0;
  const isCaughtUp = side === "graphql" && entry.receipts[0]?.isCaughtUp;
  const again = repeats(entry, side);
  return (
    <span class="cell" data-side={side}>
      <span class="cell-name">{name}</span>
      {!hasCome && <span class="soft">–</span>}
      {took !== null && <span>{took.toFixed(0)} ms</span>}
      {hasCome && took === null && !isCaughtUp && <span>here</span>}
      {isCaughtUp && <span class="mark">caught up</span>}
      {again > 0 && <span class="mark">again ×{again}</span>}
      {entry.outOfOrder.has(side) && <span class="mark">out of order</span>}
    </span>
  );
}

function FieldTable({ entry }: { entry: Entry }) {
  const compared = fields(entry);
  if (compared.length === 0) {
    return null;
  }
  return (
    <div class="scroll" role="region" aria-label="Fields compared" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">pusher-js</th>
            <th scope="col">GraphQL</th>
          </tr>
        </thead>
        <tbody>
          {compared.map(({ name, pusher, graphql, verdict }) => (
            <tr key={name} class={verdict.replace(" ", "-")}>
              <th scope="row">
                {name}
                {verdict === "differs" && <span class="mark">differs</span>}
              </th>
              <Value value={pusher} />
              <Value value={graphql} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Value({ value }: { value: unknown }) {
  return (
    <td>
      {value === undefined ? <span class="absent">not sent</span> : <code>{JSON.stringify(value)}</code>}
    </td>
  );
}

/** What came over the wire. */
function Raw({
  entry: {
    deliveries,
    receipts: [receipt],
  },
}: {
  entry: Entry;
}) {
  return (
    <div class="raw">
      {deliveries.map(({ channel, payload }, place) => (
        <Json key={`${channel} ${place}`} title={`pusher-js on ${channel}`} value={payload} />
      ))}
      {receipt && <Json title="GraphQL" value={receipt.event} />}
    </div>
  );
}

function Json({ title, value }: { title: string; value: unknown }) {
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <pre tabIndex={0} role="region" aria-label={title}>
        {JSON.stringify(value, null, 2)}
      </pre>
    </figure>
  );
}
