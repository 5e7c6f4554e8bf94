// What the server says of its REST doors at /openapi.json, as far as it uses OpenAPI 3.1.

export interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  description?: string;
  enum?: string[];
  items?: Schema;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  examples?: unknown[];
}

export interface Media {
  schema?: Schema;
  example?: unknown;
}

type Content = Record<string, Media>;

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: Schema;
}

interface Operation {
  tags?: string[];
  description?: string;
  summary?: string;
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
  security?: unknown[];
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

export interface Answer {
  status: string;
  description: string;
  example: unknown;
}

export interface Door {
  method: string;
  path: string;
  /** The path with an example in each place. */
  place: string;
  description: string;
  isForStaff: boolean;
  body: Content;
  answers: Answer[];
}

/** The doors by what they are about, in the order of the document. */
export function doorsByTag(openApi: OpenApi): Map<string, Door[]> {
  const doors = new Map<string, Door[]>();
  for (const [path, operations] of Object.entries(openApi.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags?.[0] ?? "others";
      doors.set(tag, [...(doors.get(tag) ?? []), door(openApi, method, path, operation)]);
    }
  }
  return doors;
}

/** What kind of value a schema asks for, in a word or two. */
export function kind(schema: Schema): string {
  if (schema.enum) {
    return schema.enum.join(" or ");
  }
  if (schema.anyOf) {
    return schema.anyOf.map(kind).join(" or ");
  }
  if (schema.items) {
    return `list of ${kind(schema.items)}`;
  }
  const formats: Record<string, string> = { date: "day", "date-time": "time", binary: "file" };
  const types: Record<string, string> = { string: "text", integer: "whole number", boolean: "true or false" };
  return formats[schema.format ?? ""] ?? types[schema.type ?? ""] ?? schema.type ?? "anything";
}

function door(openApi: OpenApi, method: string, path: string, operation: Operation): Door {
  const examples = new Map(
    (operation.parameters ?? []).map(({ name, schema }) => [name, String(schema.examples?.[0] ?? name)]),
  );
  return {
    method: method.toUpperCase(),
    path,
    place: path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(examples.get(name) ?? name)),
    description: operation.description ?? operation.summary ?? "",
    isForStaff: operation.security !== undefined,
    body: operation.requestBody?.content ?? {},
    answers: Object.entries(operation.responses).map(([status, { description, content }]) => ({
      status: status === "default" ? "else" : status,
      description,
      example: example(openApi, content?.["application/json"]),
    })),
  };
}

function example(openApi: OpenApi, media: Media | undefined): unknown {
  return media && (media.example ?? exampleOf(openApi, media.schema ?? {}));
}

function exampleOf(openApi: OpenApi, schema: Schema): unknown {
  const known = schema.$ref ? openApi.components.schemas[schema.$ref.split("/").at(-1) ?? ""] : schema;
  if (!known) {
    return undefined;
  }
  if (known.examples) {
    return known.examples[0];
  }
  if (known.items) {
    return [exampleOf(openApi, known.items)];
  }
  if (known.properties) {
    const needed = (known.required ?? []).map((name) => [name, known.properties?.[name] ?? {}] as const);
    return Object.fromEntries(needed.map(([name, field]) => [name, exampleOf(openApi, field)]));
  }
  return `(${kind(known)})`;
}
