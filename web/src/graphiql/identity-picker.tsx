/** @jsxImportSource react */
// Who the demo's requests are made as: a picker that fills the Authorization header.

import { useGraphiQL } from "@graphiql/react";
import { useEffect, useState } from "react";
import type { Identity } from "../shared/config";

const STORAGE_KEY = "hotelmate:graphiql-identity";
const ANONYMOUS = "";

export function initialAuthorization(identities: Identity[]): string {
  const stored = localStorage.getItem(STORAGE_KEY);
  const known = [ANONYMOUS, ...identities.map((identity) => identity.authorization)];
  return stored !== null && known.includes(stored) ? stored : (identities[0]?.authorization ?? ANONYMOUS);
}

export function headersFor(authorization: string): string {
  return authorization === ANONYMOUS ? "{}" : JSON.stringify({ Authorization: authorization }, null, 2);
}

export function IdentityPicker({ identities }: { identities: Identity[] }) {
  const [authorization, setAuthorization] = useState(() => initialAuthorization(identities));
  const headerEditor = useGraphiQL((state) => state.headerEditor);
  const activeTab = useGraphiQL((state) => state.activeTabIndex);

  // Each tab has headers of its own; the one that is looked at follows the picker. A token that somebody typed
  // is none of ours, and stays.
  useEffect(() => {
    const fill = replacing(identities, authorization, headerEditor?.getValue() ?? "");
    if (fill !== undefined) {
      headerEditor?.setValue(fill);
    }
  }, [identities, authorization, headerEditor, activeTab]);

  return (
    <label className="identity-picker">
      <span>Acting as</span>
      <select
        value={authorization}
        onChange={({ currentTarget: { value } }) => {
          localStorage.setItem(STORAGE_KEY, value);
          setAuthorization(value);
        }}
      >
        {identities.map((identity) => (
          <option key={identity.authorization} value={identity.authorization}>
            {identity.name} · {identity.hotel}
          </option>
        ))}
        <option value={ANONYMOUS}>Nobody</option>
      </select>
    </label>
  );
}

/** The headers with `authorization` in place of a demo identity's; undefined when they are not to be touched. */
function replacing(identities: Identity[], authorization: string, text: string): string | undefined {
  let headers: Record<string, unknown>;
  try {
    headers = JSON.parse(text || "{}");
  } catch {
    return undefined;
  }
  const { Authorization: present, ...others } = headers;
  const isOurs = present === undefined || identities.some((identity) => identity.authorization === present);
  if (!isOurs || present === (authorization || undefined)) {
    return undefined;
  }
  const filled = authorization === ANONYMOUS ? others : { Authorization: authorization, ...others };
  return JSON.stringify(filled, null, 2);
}
