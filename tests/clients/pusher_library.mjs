// Drive the `pusher` package for Node, the server library, against an HTTP API.
//
// Commands:
//   configure {appId, key, secret, host, port, encryptionMasterKeyBase64?, ...}
//   trigger {channels, event, data, params?}
//   triggerBatch {batch}
//   sendToUser {userId, event, data}
//   get {path, params?}
//   terminate {userId}
//   webhook {headers, rawBody}        answers "webhook" {valid, events}
//
// Each call but the first and the last answers "answer" {status, body}: body is text.

import Pusher from "pusher";
import { obey, report } from "./lines.mjs";

let pusher;

async function ask(request) {
  try {
    const response = await request;
    report("answer", { status: response.status, body: await response.text() });
  } catch (error) {
    if (error.status === undefined) {
      throw error;
    }
    report("answer", { status: error.status, body: error.body });
  }
}

await obey({
  configure(options) {
    pusher = new Pusher({ useTLS: false, ...options });
  },
  async trigger({ channels, event, data, params }) {
    await ask(pusher.trigger(channels, event, data, params));
  },
  async triggerBatch({ batch }) {
    await ask(pusher.triggerBatch(batch));
  },
  async sendToUser({ userId, event, data }) {
    await ask(pusher.sendToUser(userId, event, data));
  },
  async get({ path, params = {} }) {
    await ask(pusher.get({ path, params }));
  },
  async terminate({ userId }) {
    await ask(pusher.terminateUserConnections(userId));
  },
  webhook({ headers, rawBody }) {
    const webhook = pusher.webhook({ headers, rawBody });
    const valid = webhook.isValid();
    report("webhook", { valid, events: valid ? webhook.getEvents() : [] });
  },
});
