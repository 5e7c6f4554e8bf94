import { useState } from "preact/hooks";
import { Bridge } from "./bridge";
import { EntryView } from "./entry-view";
import type { Summary } from "./journal";
import type { Watch } from "./watch";

/** What both sides got: how they are connected, and an entry for each event. */
export function JournalView({ watch }: { watch: Watch }) {
  const [onlyRemarkable, setOnlyRemarkable] = useState(false);
  const { journal, pusher, graphql } = watch;
  const entries = journal.entries.value.filter(
    (entry) => !onlyRemarkable || !["same", "waiting"].includes(journal.verdict(entry)),
  );
  return (
    <section class="journal" aria-labelledby="events">
      <div class="journal-head">
        <h2 id="events">Events</h2>
        <Figures summary={journal.summary.value} />
        <label class="check">
          <input
            type="checkbox"
            checked={onlyRemarkable}
            onChange={({ currentTarget }) => setOnlyRemarkable(currentTarget.checked)}
          />
          Only what differs
        </label>
        <button type="button" class="quiet" onClick={() => journal.clear()}>
          Clear
        </button>
      </div>
      <div class="sides">
        <SideHead
          name="pusher-js"
          state={pusher.state.value}
          problem={pusher.refused.value.length > 0 ? `May not join ${pusher.refused.value.join(", ")}` : null}
          onConnect={() => pusher.connect()}
          onDisconnect={() => pusher.disconnect()}
        />
        <SideHead
          name="GraphQL"
          state={graphql.state.value}
          problem={graphql.ended.value?.message ?? null}
          onConnect={() => graphql.connect()}
          onDisconnect={() => graphql.disconnect()}
        />
      </div>
      <Bridge desk={watch.desk} />
      {entries.length === 0 && (
        <p class="empty soft">
          {onlyRemarkable ? "Nothing differs." : "Nothing has happened yet. Clock in, or change an offer."}
        </p>
      )}
      <ol class="entries">
        {entries.map((entry) => (
          <EntryView key={entry.eventId} entry={entry} verdict={journal.verdict(entry)} />
        ))}
      </ol>
    </section>
  );
}

function Figures({ summary }: { summary: Summary }) {
  const { events, paired, differing, pusherDelay, graphqlDelay } = summary;
  return (
    <dl class="figures inline" aria-live="polite">
      <Figure name="Paired" value={`${paired} of ${events}`} />
      <Figure name="Differing" value={String(differing)} />
      <Figure name="Median, pusher-js" value={inMilliseconds(pusherDelay)} />
      <Figure name="Median, GraphQL" value={inMilliseconds(graphqlDelay)} />
    </dl>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function inMilliseconds(delay: number | null): string {
  return delay === null ? "–" : `${delay.toFixed(0)} ms`;
}

interface SideProps {
  name: string;
  state: string;
  problem: string | null;
  onConnect(): void;
  onDisconnect(): void;
}

/** How a side is connected, and a way to see what happens when it is not. */
function SideHead({ name, state, problem, onConnect, onDisconnect }: SideProps) {
  const isOff = state === "disconnected";
  return (
    <div class="side-head">
      <h3>{name}</h3>
      <span class={`state ${state}`} role="status" aria-label={`${name} is ${state}`}>
        {state}
      </span>
      <button type="button" class="quiet" onClick={isOff ? onConnect : onDisconnect}>
        {isOff ? "Connect" : "Disconnect"}
        <span class="visually-hidden"> {name}</span>
      </button>
      {problem && <p class="notice bad">{problem}</p>}
    </div>
  );
}
