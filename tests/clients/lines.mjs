// Speak JSON lines with the Python side (node.py): commands come in on stdin, reports go out on stdout.
//
// A command is {"command": NAME, ...arguments}, a report {"report": NAME, ...facts}. When stdin ends,
// this process ends, so that none outlives the tests, however those end.

import { createInterface } from "node:readline";

export function report(name, facts = {}) {
  process.stdout.write(`${JSON.stringify({ report: name, ...facts })}\n`);
}

// Run each command in the order given. One that throws is reported as "failed" and ends nothing.
export async function obey(commands) {
  report("ready");
  for await (const line of createInterface({ input: process.stdin })) {
    const { command, ...options } = JSON.parse(line);
    try {
      await commands[command](options);
    } catch (error) {
      report("failed", { command, message: String(error) });
    }
  }
  process.exit(0);
}
