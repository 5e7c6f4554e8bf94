// Validate an AsyncAPI document as the project behind the specification does.
//
// Commands:
//   validate {path}
//
// Reports:
//   ready, failed {command, message}
//   validated {diagnostics}    what is wrong with the document, or could be better: {code, message, path, severity}

import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
import { obey, report } from "./lines.mjs";

await obey({
  async validate({ path }) {
    const diagnostics = await new Parser().validate(readFileSync(path, "utf8"));
    report("validated", {
      diagnostics: diagnostics.map(({ code, message, path, severity }) => ({
        code,
        message,
        path,
        severity,
      })),
    });
  },
});
