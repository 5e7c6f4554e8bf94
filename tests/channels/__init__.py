"""The conformance suite of the embedded Channels server: a case for each rule, over real sockets.

What a client library can show is shown with the real ones as well: pusher-js in Node and in Chromium, and the
`pusher` packages for Python and for Node.

    rule                                      raw                       with the real libraries
    connecting: keys, versions, codes         test_handshake            test_pusher_js_connections
    pings both ways, the silent               test_silence              test_pusher_js_connections
    frames that make no sense, huge ones      test_messages
    public, private, names, tokens, leaving   test_subscriptions        test_pusher_js
    encrypted                                 test_pusher_js            test_server_libraries
    presence, members once for each user      test_presence             test_pusher_js
    cache channels and misses                 test_cache                test_pusher_js
    subscription counts                       test_subscription_counts  test_pusher_js
    client events: rules, limits, rate        test_client_events        test_pusher_js_client_events
    sign-in, events to users, termination     test_users                test_pusher_js, test_server_libraries
    clients that do not read                  test_slow_clients
    HTTP API: signature, time, body           test_requests             test_server_libraries
    HTTP API: events, batches, their limits   test_publishing           test_server_libraries
    HTTP API: channels, users, info           test_reports              test_server_libraries
    webhooks                                  test_webhooks             test_webhooks
    several servers                           test_cluster
    coming and going without end              test_leaks, test_soak
"""
