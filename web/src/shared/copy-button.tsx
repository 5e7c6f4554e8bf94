import { useState } from "preact/hooks";

const SHOWN_FOR = 1500;

/** Puts `text` on the clipboard, and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isCopied, setIsCopied] = useState(false);

  async function copy() {
    await navigator.clipboard.writeText(text);
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), SHOWN_FOR);
  }

  // Outside of https and localhost, browsers have no clipboard; the text can be selected all the same.
  if (!navigator.clipboard) {
    return null;
  }
  return (
    <button type="button" class="quiet" aria-label={isCopied ? "Copied" : label} onClick={copy}>
      {isCopied ? "Copied" : "Copy"}
    </button>
  );
}
