// Drive one real GraphQL subscription client: graphql-ws over the `ws` package, or graphql-sse.
//
// Commands:
//   connect {transport, options, retryWaitMs?}   transport is "ws" or "sse". options go to createClient as
//                                                they are (url, connectionParams, headers, retryAttempts,
//                                                keepAlive, lazy, singleConnection, ...). shouldRetry stays the
//                                                client's own; retryWaitMs replaces its growing pauses.
//   subscribe {id, query, variables?, operationName?, extensions?}
//   complete {id}                                stop listening, as the application would
//   terminate {}                                 cut the socket from this side (ws only)
//   dispose {}
//
// Reports:
//   ready, failed {command, message}
//   connecting {isRetry}, connected {payload} (sse: {isRetry})
//   opened, ping {received}, pong {received}, closed {code, reason, wasClean}    (ws only)
//   next {id, payload}, complete {id}
//   error {id, errors}                           the server refused or ended the operation with GraphQL errors
//   gave_up {id, code, reason}                   the client will not try again; the last close code (null for sse)
//
// After "gave_up" the client is spent for that subscription, as it would be in an application.

import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import WebSocket from "ws";
import { obey, report } from "./lines.mjs";

let client;
const stops = new Map();

const wsListeners = {
  connecting: (isRetry) => report("connecting", { isRetry }),
  opened: () => report("opened"),
  connected: (socket, payload) => report("connected", { payload: payload ?? null }),
  ping: (received) => report("ping", { received }),
  pong: (received) => report("pong", { received }),
  closed: ({ code, reason, wasClean }) => report("closed", { code, reason, wasClean }),
};

const sseListeners = {
  connecting: (isRetry) => report("connecting", { isRetry: Boolean(isRetry) }),
  connected: (isRetry) => report("connected", { isRetry: Boolean(isRetry) }),
};

// The two packages name the same option differently.
function retrying(retryWaitMs) {
  if (retryWaitMs === undefined) {
    return {};
  }
  const wait = () => new Promise((resolve) => setTimeout(resolve, retryWaitMs));
  return { retryWait: wait, retry: wait };
}

function sink(id) {
  return {
    next: (payload) => report("next", { id, payload }),
    complete: () => report("complete", { id }),
    error: (cause) => {
      if (Array.isArray(cause)) {
        report("error", { id, errors: cause });
      } else {
        report("gave_up", { id, code: cause.code ?? null, reason: cause.reason ?? String(cause.message ?? cause) });
      }
    },
  };
}

await obey({
  connect({ transport, options, retryWaitMs }) {
    const common = { ...options, ...retrying(retryWaitMs) };
    // A lazy client reports a lost connection through its subscriptions; an eager one has only this.
    const onNonLazyError = (cause) => sink(null).error(cause);
    client =
      transport === "sse"
        ? createSseClient({ ...common, on: sseListeners, onNonLazyError })
        : createWsClient({ ...common, webSocketImpl: WebSocket, on: wsListeners, onNonLazyError });
  },
  subscribe({ id, ...operation }) {
    stops.set(id, client.subscribe(operation, sink(id)));
  },
  complete({ id }) {
    stops.get(id)();
  },
  terminate() {
    client.terminate();
  },
  async dispose() {
    await client.dispose();
  },
});
