import { CopyButton } from "../shared/copy-button";
import { type Answer, type Door, kind, type Media } from "./open-api";

const LONGEST_LINE = 70;

/** One door: closed, what it does; open, what to send, what is answered, and a command that knocks. */
export function DoorEntry({ door, authorization }: { door: Door; authorization: string }) {
  const command = curl(door, authorization);
  return (
    <li>
      <details>
        <summary>
          <code>
            <span class={`method ${door.method.toLowerCase()}`}>{door.method}</span> {door.path}
          </code>
          <span class="soft">{door.description}</span>
        </summary>
        <div class="inside">
          <figure>
            <pre tabIndex={0} role="region" aria-label={`Command: ${door.method} ${door.path}`}>
              <code>{command}</code>
            </pre>
            <CopyButton text={command} label={`Copy the command: ${door.method} ${door.path}`} />
          </figure>
          {Object.entries(door.body).map(([mediaType, media]) => (
            <Body key={mediaType} mediaType={mediaType} media={media} />
          ))}
          <Answers answers={door.answers} />
        </div>
      </details>
    </li>
  );
}

function Body({ mediaType, media }: { mediaType: string; media: Media }) {
  const required = new Set(media.schema?.required);
  const fields = Object.entries(media.schema?.properties ?? {}).toSorted(
    ([one], [other]) => Number(required.has(other)) - Number(required.has(one)),
  );
  return (
    <table>
      <caption>
        Send <code>{mediaType}</code>
      </caption>
      <tbody>
        {fields.map(([name, schema]) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
            </th>
            <td>
              {kind(schema)}
              {schema.properties && `: ${Object.keys(schema.properties).join(", ")}`}
              {required.has(name) && <strong> · required</strong>}
              {schema.description && <span class="soft"> · {schema.description}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Answers({ answers }: { answers: Answer[] }) {
  return (
    <table class="answers">
      <caption>Answers</caption>
      <tbody>
        {answers.map(({ status, description, example }) => (
          <tr key={status}>
            <th scope="row" class={status.startsWith("2") ? "good" : "bad"}>
              {status}
            </th>
            <td>
              {description}
              {example !== undefined && (
                <pre tabIndex={0} role="region" aria-label={`Example: ${status}`}>
                  <code>{written(example)}</code>
                </pre>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function written(example: unknown): string {
  const line = JSON.stringify(example);
  return line.length > LONGEST_LINE ? JSON.stringify(example, null, 2) : line;
}

function curl({ method, place, isForStaff, body }: Door, authorization: string): string {
  const json = body["application/json"];
  const files = Object.keys(body["multipart/form-data"]?.schema?.properties ?? {});
  return [
    `curl --silent --request ${method} '${location.origin}${place}'`,
    ...(isForStaff ? [`--header ${authorization}`] : []),
    ...(json
      ? [`--json ${quoted(JSON.stringify(json.example))}`]
      : files.map((name) => `--form ${name}=@${name}.jpg`)),
  ].join(" \\\n  ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
