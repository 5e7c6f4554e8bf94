// Print who goes on and off duty, with Apollo Client (https://www.apollographql.com/docs/react): in a page,
// `useSubscription` takes the place of `client.subscribe`.

import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client/core";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { getMainDefinition } from "@apollo/client/utilities";
import { tap } from "rxjs";
import { authorization, socket, url } from "./socket.mjs";

// Remembers of each subscription the cursor that came last. graphql-ws reads the variables whenever it
// subscribes, after a lost connection too.
const resuming = new ApolloLink((operation, forward) => {
  let cursor = operation.variables.after;
  const { variables } = operation;
  operation.variables = {
    ...variables,
    get after() {
      return cursor;
    },
  };
  return forward(operation).pipe(
    tap(({ data }) => {
      cursor = Object.values(data ?? {})[0]?.cursor ?? cursor;
    }),
  );
});

const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.split(
    ({ query }) => getMainDefinition(query).operation === "subscription",
    resuming.concat(new GraphQLWsLink(socket)),
    new HttpLink({ uri: url, headers: { authorization } }),
  ),
});

// The state and its cursor are of one moment, so what is followed from there leaves no gap behind it.
const { data } = await client.query({
  query: gql`
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
  `,
});

client
  .subscribe({
    query: gql`
      subscription ($after: String) {
        clockStatus(after: $after) {
          seq
          cursor
          firstName
          isOnDuty
        }
      }
    `,
    variables: { after: data.viewer.hotel.cursor },
  })
  .subscribe(({ data, error }) => {
    if (error) throw error;
    const { seq, firstName, isOnDuty } = data.clockStatus;
    console.log(`${seq} ${firstName} is ${isOnDuty ? "on" : "off"} duty`);
  });
console.error("following");
