// Queries and mutations over HTTP.

/** The server did not carry an operation out; `code` is one of the contract's. */
export class Refused extends Error {
  readonly code: string;
  readonly field: string | undefined;

  constructor(message: string, code: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

interface Answer<Data> {
  data?: Data;
  errors?: { message: string; extensions?: { code?: string; field?: string } }[];
}

export const HEADERS = {
  "Content-Type": "application/json",
  Accept: "application/graphql-response+json, application/json;q=0.9",
};

export interface Request {
  /** Which of the document's operations; may be left out when there is one. */
  operation?: string;
  variables?: Record<string, unknown>;
  /** What goes into the header of this name; anonymous without. */
  authorization?: string | null;
}

/**
 * Carry out an operation of a document.
 *
 * Throws `Refused`, also when the server cannot be reached.
 */
export async function execute<Data>(document: string, request: Request = {}): Promise<Data> {
  const { operation, variables = {}, authorization } = request;
  const body = JSON.stringify({ query: document, operationName: operation ?? null, variables });
  return dataOf(await post<Data>(body, { ...HEADERS, ...authorized(authorization) }));
}

/** Carry out an operation that takes a picture in one of its variables. Throws `Refused`. */
export async function upload(
  document: string,
  { operation, variables = {}, authorization }: Request,
  picture: { variable: string; file: File },
): Promise<void> {
  const request = { query: document, operationName: operation ?? null, variables };
  const form = multipart(request, { [picture.variable]: picture.file });
  dataOf(await post(form, { ...MULTIPART_HEADERS, ...authorized(authorization) }));
}

/** What goes with `multipart`; the second is one that no form on another site can send. */
export const MULTIPART_HEADERS = { Accept: HEADERS.Accept, "GraphQL-Require-Preflight": "1" };

/** A request with a file for each of these variables, as the GraphQL multipart request specification has it. */
export function multipart<Variables>(
  request: { variables?: Variables },
  files: Record<string, File>,
): FormData {
  const names = Object.keys(files);
  const empty = Object.fromEntries(names.map((name) => [name, null]));
  const form = new FormData();
  form.set("operations", JSON.stringify({ ...request, variables: { ...request.variables, ...empty } }));
  form.set("map", JSON.stringify(Object.fromEntries(names.map((name, at) => [at, [`variables.${name}`]]))));
  Object.values(files).forEach((file, at) => form.set(String(at), file));
  return form;
}

function authorized(authorization: string | null | undefined): Record<string, string> {
  return authorization ? { Authorization: authorization } : {};
}

async function post<Data>(body: BodyInit, headers: Record<string, string>): Promise<Answer<Data>> {
  try {
    const response = await fetch("/graphql", { method: "POST", headers, body });
    return await response.json();
  } catch {
    throw new Refused("The server does not answer.", "UNREACHABLE");
  }
}

function dataOf<Data>({ data, errors }: Answer<Data>): Data {
  const error = errors?.[0];
  if (error) {
    throw new Refused(error.message, error.extensions?.code ?? "INTERNAL", error.extensions?.field);
  }
  if (!data) {
    throw new Refused("The server sent an empty answer.", "INTERNAL");
  }
  return data;
}
