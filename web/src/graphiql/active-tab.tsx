/** @jsxImportSource react */
// Whoever chooses a tab while the editors are still loading is shown that tab once they are there. GraphiQL 5
// fills them with the tab that was first, and only tells those that exist of another.

import { useGraphiQL } from "@graphiql/react";
import { useEffect } from "react";

/** Renders nothing. */
export function ActiveTab() {
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const tab = useGraphiQL((state) => state.tabs[state.activeTabIndex]);

  // Only when an editor has come: what happens to the tabs afterwards is GraphiQL's.
  useEffect(() => show(queryEditor, tab?.query), [queryEditor]);
  useEffect(() => show(variableEditor, tab?.variables), [variableEditor]);
  return null;
}

interface Editor {
  getValue(): string;
  setValue(text: string): void;
}

function show(editor: Editor | undefined, text: string | null | undefined): void {
  if (editor && editor.getValue() !== (text ?? "")) {
    editor.setValue(text ?? "");
  }
}
