// How GraphiQL reaches the server: HTTP, and for subscriptions a socket that is introduced with the headers tab.

import type { Fetcher, FetcherOpts, FetcherParams } from "@graphiql/toolkit";
import { type ExecutionResult, getOperationAST } from "graphql";
import { HEADERS, MULTIPART_HEADERS, multipart } from "../shared/graphql";
import { createSocket } from "../shared/socket";
import { chosenFiles } from "./files";

export const fetcher: Fetcher = (request, options = {}) =>
  isSubscription(request, options) ? subscribe(request, options) : post(request, options);

function isSubscription({ operationName }: FetcherParams, { documentAST }: FetcherOpts): boolean {
  return !!documentAST && getOperationAST(documentAST, operationName)?.operation === "subscription";
}

async function post(request: FetcherParams, { headers, documentAST }: FetcherOpts): Promise<ExecutionResult> {
  const files = chosenFiles(documentAST && getOperationAST(documentAST, request.operationName));
  const hasFiles = Object.keys(files).length > 0;
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { ...(hasFiles ? MULTIPART_HEADERS : HEADERS), ...headers },
    body: hasFiles ? multipart(request, files) : JSON.stringify(request),
  });
  return await response.json();
}

/** The socket closes by itself when the subscription is stopped, being its only one. */
function subscribe(request: FetcherParams, { headers = {} }: FetcherOpts): AsyncIterable<ExecutionResult> {
  const { query, variables, operationName = null } = request;
  const results = createSocket(headers).iterate({ query, variables, operationName });
  // GraphiQL shows results as JSON and cares no more about the class of an error than JSON does.
  return results as AsyncIterable<ExecutionResult>;
}
