import type { Delivery, Desk } from "./desk";

/** How the bridge to Pusher stands, and what it could not deliver. */
export function Bridge({ desk }: { desk: Desk }) {
  const delivery = desk.delivery.value;
  if (delivery === null) {
    return null;
  }
  const { deliveredSeq, latestSeq, pending, oldestPendingSeconds, lastError, deadLetterCount } = delivery;
  return (
    <section class="sheet bridge" aria-labelledby="bridge">
      <h3 id="bridge">Bridge to Pusher</h3>
      <progress value={deliveredSeq} max={latestSeq || 1} aria-label="Events delivered" />
      <dl class="figures">
        <div>
          <dt>Delivered</dt>
          <dd>
            {deliveredSeq} of {latestSeq}
          </dd>
        </div>
        <div>
          <dt>Pending</dt>
          <dd>
            {pending}
            {oldestPendingSeconds !== null && `, for ${oldestPendingSeconds.toFixed(0)} s`}
          </dd>
        </div>
        <div>
          <dt>Dead letters</dt>
          <dd>{deadLetterCount}</dd>
        </div>
      </dl>
      {lastError && <p class="notice bad">{lastError}</p>}
      {deadLetterCount > 0 && <DeadLetters desk={desk} delivery={delivery} />}
    </section>
  );
}

function DeadLetters({ desk, delivery }: { desk: Desk; delivery: Delivery }) {
  const retry = () => desk.perform("Queued again", () => desk.ask("RetryDeadLetters"));
  return (
    <div class="dead-letters">
      <ul>
        {delivery.deadLetters.map(({ event, channel, eventName, error, failedAt }) => (
          <li key={`${event.id} ${channel}`}>
            <span class="seq">{event.seq}</span> <code>{eventName}</code> on <code>{channel}</code>, refused
            at <time dateTime={failedAt}>{new Date(failedAt).toLocaleTimeString()}</time>: {error}
          </li>
        ))}
      </ul>
      <button type="button" onClick={retry}>
        Send again
      </button>
    </div>
  );
}
