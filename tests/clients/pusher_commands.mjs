// What one pusher-js client is told to do and reports of it, in Node and in browsers alike.
//
// Commands:
//   connect {key, options, signer?}   options go to pusher-js as they are (wsHost, wsPort, cluster, ...;
//                                     channelAuthorization and userAuthentication too). With a signer
//                                     {appId, secret, encryptionMasterKeyBase64?, user?}, tokens are
//                                     signed by a `pusher` package instead of by an HTTP endpoint;
//                                     `user` is the presence member {user_id, user_info} and the user
//                                     {id, ...} of a sign-in.
//   subscribe {channel, bind?}        reports every event of the channel as "event"; those named in
//                                     `bind` once more as "bound", with the metadata of their sender
//   unsubscribe {channel}
//   trigger {channel, event, data}    a client event
//   members {channel}                 answers "members" {count, me, ids}
//   signin {}
//   disconnect {} / reconnect {}
//
// Reports:
//   state {previous, current, socket_id}, error {type, code, message}
//   event {channel, name, data}, bound {channel, name, data, metadata}
//   triggered {channel, name, sent}
//   signed_in {user_data}, user_event {name, data}, watchlist {name, data}
//   raw {name, data}                  every message of the server, as pusher-js has decoded it

// `sign(key, signer)` returns {channel(socketId, channelName), user(socketId)}: promises of what is signed.
export function pusherCommands(Pusher, { report, sign }) {
  let pusher;

  function watchConnection({ connection }) {
    connection.bind("state_change", ({ previous, current }) =>
      report("state", { previous, current, socket_id: connection.socket_id ?? null }),
    );
    connection.bind("error", (error) => {
      // While connecting, pusher-js wraps the server's error in one of its own.
      const { code = null, message = String(error.error ?? "") } = error.data ?? error.error?.data ?? {};
      report("error", { type: error.type, code, message });
    });
    connection.bind("message", ({ event, channel = null, data = null }) =>
      report("raw", { name: event, channel, data }),
    );
  }

  function watchUser({ user }) {
    pusher.bind("pusher:signin_success", (data) => report("signed_in", data));
    user.bind_global((name, data) => report("user_event", { name, data }));
    user.watchlist.bind_global((name, data) => report("watchlist", { name, data }));
  }

  function signingOptions(key, signer) {
    const { channel, user } = sign(key, signer);
    const answering = (signed, done) => signed.then((answer) => done(null, answer), (error) => done(error, null));
    return {
      channelAuthorization: {
        customHandler: ({ socketId, channelName }, done) => answering(channel(socketId, channelName), done),
      },
      userAuthentication: { customHandler: ({ socketId }, done) => answering(user(socketId), done) },
    };
  }

  return {
    connect({ key, options, signer }) {
      pusher = new Pusher(key, { ...options, ...(signer ? signingOptions(key, signer) : {}) });
      watchConnection(pusher);
      watchUser(pusher);
    },
    subscribe({ channel, bind = [] }) {
      const subscription = pusher.subscribe(channel);
      subscription.bind_global((name, data) => report("event", { channel, name, data }));
      for (const name of bind) {
        subscription.bind(name, (data, metadata) => report("bound", { channel, name, data, metadata }));
      }
    },
    unsubscribe({ channel }) {
      pusher.unsubscribe(channel);
    },
    trigger({ channel, event, data }) {
      report("triggered", { channel, name: event, sent: pusher.channel(channel).trigger(event, data) });
    },
    members({ channel }) {
      const { count, me, members } = pusher.channel(channel).members;
      report("members", { channel, count, me, ids: Object.keys(members).sort() });
    },
    signin() {
      pusher.signin();
    },
    disconnect() {
      pusher.disconnect();
    },
    reconnect() {
      pusher.connect();
    },
  };
}
