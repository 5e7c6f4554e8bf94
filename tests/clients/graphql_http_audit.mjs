// Ask a server everything that the GraphQL over HTTP specification says of it, as the graphql-http package does.
//
// Commands:
//   audit {url}
//
// Reports:
//   ready, failed {command, message}
//   audited {id, name, status, reason}    once for each audit; status is ok, notice, warn or error
//   done {audits}                         how many there were

import { serverAudits } from "graphql-http";
import { obey, report } from "./lines.mjs";

await obey({
  async audit({ url }) {
    const audits = serverAudits({ url });
    for (const { fn } of audits) {
      const { id, name, status, reason } = await fn();
      report("audited", { id, name, status, reason: reason ?? null });
    }
    report("done", { audits: audits.length });
  },
});
