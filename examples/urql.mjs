// Print who goes on and off duty, with urql (https://nearform.com/open-source/urql): in a page, `useSubscription`
// takes the place of `client.subscription`.

import { Client, fetchExchange, gql, subscriptionExchange } from "@urql/core";
import { authorization, socket, url } from "./socket.mjs";

// Remembers of each subscription the cursor that came last. graphql-ws reads the variables whenever it
// subscribes, after a lost connection too.
function resuming({ query, variables }, sink) {
  let cursor = variables.after;
  const following = {
    ...variables,
    get after() {
      return cursor;
    },
  };
  return socket.subscribe(
    { query, variables: following },
    {
      ...sink,
      next(result) {
        cursor = Object.values(result.data ?? {})[0]?.cursor ?? cursor;
        sink.next(result);
      },
    },
  );
}

const client = new Client({
  url,
  fetchOptions: { headers: { authorization } },
  preferGetMethod: false,
  exchanges: [
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({ unsubscribe: resuming(request, sink) }),
      }),
    }),
  ],
});

// The state and its cursor are of one moment, so what is followed from there leaves no gap behind it.
const now = gql`
  query {
    viewer {
      ... on Staff {
        id
        hotel {
          id
          cursor
        }
      }
    }
  }
`;
const clockStatus = gql`
  subscription ($after: String) {
    clockStatus(after: $after) {
      seq
      cursor
      firstName
      isOnDuty
    }
  }
`;

const { data: state, error: refused } = await client.query(now, {}).toPromise();
if (refused) throw refused;

client.subscription(clockStatus, { after: state.viewer.hotel.cursor }).subscribe(({ data, error }) => {
  if (error) throw error;
  const { seq, firstName, isOnDuty } = data.clockStatus;
  console.log(`${seq} ${firstName} is ${isOnDuty ? "on" : "off"} duty`);
});
console.error("following");
