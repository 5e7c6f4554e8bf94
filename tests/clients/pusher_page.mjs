// Drive one real pusher-js client in a browser. Its commands and reports stand in pusher_commands.mjs; besides
// those it reports: ready, failed {command, message}
//
// The Python side (chromium.py) calls `obey`, and offers `takeReport` and `signChannel`, `signUser`.

import { pusherCommands } from "./pusher_commands.mjs";

const report = (name, facts = {}) => window.takeReport({ report: name, ...facts });

const sign = (key, signer) => ({
  channel: (socketId, channelName) => window.signChannel({ ...signer, key, socketId, channelName }),
  user: (socketId) => window.signUser({ ...signer, key, socketId }),
});

const commands = pusherCommands(window.Pusher, { report, sign });

window.obey = (command, options) => {
  try {
    commands[command](options);
  } catch (error) {
    report("failed", { command, message: String(error) });
  }
};

report("ready");
