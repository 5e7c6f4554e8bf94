// Drive one real pusher-js client in Node. Its commands and reports stand in pusher_commands.mjs; besides
// those it reports: ready, failed {command, message}

import Pusher from "pusher-js";
import PusherServer from "pusher";
import { obey, report } from "./lines.mjs";
import { pusherCommands } from "./pusher_commands.mjs";

function sign(key, { user, ...app }) {
  const signer = new PusherServer({ key, ...app });
  return {
    channel: async (socketId, channelName) =>
      signer.authorizeChannel(socketId, channelName, channelName.startsWith("presence-") ? user : undefined),
    user: async (socketId) => signer.authenticateUser(socketId, user),
  };
}

await obey(pusherCommands(Pusher, { report, sign }));
