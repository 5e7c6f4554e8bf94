/** @jsxImportSource react */
// Files for variables of type Upload. GraphiQL has no place for them (graphql/graphiql issue 3511), so they are
// chosen in a panel beside the editor, and go along with whichever operation has the variable.

import { type GraphiQLPlugin, useGraphiQL } from "@graphiql/react";
import { Kind, type OperationDefinitionNode, type TypeNode } from "graphql";
import { useReducer } from "react";

const chosen = new Map<string, File>();

/** The files that have been chosen for an operation's variables, by the variables' names. */
export function chosenFiles(operation: OperationDefinitionNode | null | undefined): Record<string, File> {
  const files = uploadVariables(operation).map((name) => [name, chosen.get(name)] as const);
  return Object.fromEntries(files.filter((entry): entry is [string, File] => entry[1] !== undefined));
}

function uploadVariables(operation: OperationDefinitionNode | null | undefined): string[] {
  const variables = operation?.variableDefinitions ?? [];
  return variables.filter(({ type }) => isUpload(type)).map(({ variable }) => variable.name.value);
}

function isUpload(type: TypeNode): boolean {
  const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
  return named.kind === Kind.NAMED_TYPE && named.name.value === "Upload";
}

function Files() {
  const operations = useGraphiQL((state) => state.operations) ?? [];
  const [, redraw] = useReducer((times: number) => times + 1, 0);
  const names = [...new Set(operations.flatMap(uploadVariables))];

  function choose(name: string, file: File | undefined): void {
    if (file) chosen.set(name, file);
    else chosen.delete(name);
    redraw();
  }

  return (
    <section className="files" aria-label="Files">
      <h2>Files</h2>
      {names.length === 0 ? (
        <p>
          Write a variable of type <code>Upload</code>, and choose its file here.
        </p>
      ) : (
        <p>These go along with the operations that have the variable.</p>
      )}
      {names.map((name) => (
        <label key={name}>
          <code>${name}</code>
          <input type="file" onChange={({ currentTarget }) => choose(name, currentTarget.files?.[0])} />
          {chosen.has(name) && <span>{chosen.get(name)?.name}</span>}
        </label>
      ))}
    </section>
  );
}

function Icon() {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" strokeWidth="1.7">
      <path d="M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.6-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.3 8.3a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6" />
    </svg>
  );
}

export const FILES_PLUGIN: GraphiQLPlugin = { title: "Files", icon: Icon, content: Files };
