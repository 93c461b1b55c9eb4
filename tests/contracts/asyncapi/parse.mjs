// Parses the AsyncAPI documents named on the command line; prints their errors as JSON, and exits 1 if there are any.
import { readFile } from "node:fs/promises";

import { Parser } from "@asyncapi/parser";

const ERROR = 0; // how the parser's diagnostics number their severities

const parser = new Parser();
const errors = [];
for (const file of process.argv.slice(2)) {
  const { diagnostics } = await parser.parse(await readFile(file, "utf8"), { source: file });
  for (const { severity, code, message, path } of diagnostics) {
    if (severity === ERROR) errors.push({ file, code, message, path: path.join("/") });
  }
}
console.log(JSON.stringify(errors, null, 2));
process.exitCode = errors.length > 0 ? 1 : 0;
