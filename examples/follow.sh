#!/bin/sh
# Print who goes on and off duty, with curl (7.82 or later) and server-sent events, for ever and without a gap.
#
# Each event's `id:` is its cursor. Sent back as Last-Event-ID, as a browser's EventSource does, it has the stream
# go on behind it.

url="${HOTELMATE_URL:-http://127.0.0.1:8000}"
token="${HOTELMATE_TOKEN:-demo-ben}"
last=$(mktemp)
trap 'rm -f "$last"' EXIT

# Where the hotel's log stands now: what is followed from there leaves no gap behind it.
curl --silent --show-error --fail "$url/graphql" \
    --header "Authorization: Token $token" \
    --json '{"query": "{ viewer { ... on Staff { hotel { cursor } } } }"}' |
    sed 's/.*"cursor":"\([^"]*\)".*/\1/' >"$last"

echo following >&2
while :; do
    curl --no-buffer --silent "$url/graphql" \
        --header "Authorization: Token $token" \
        --header 'Accept: text/event-stream' \
        --header "Last-Event-ID: $(cat "$last")" \
        --json '{"query": "subscription { clockStatus { seq firstName isOnDuty } }"}' |
        while IFS= read -r line; do
            case $line in
                id:*) printf '%s' "${line#id: }" >"$last" ;;
                data:*clockStatus*) printf '%s\n' "${line#data: }" ;;
            esac
        done
    sleep 1
done
