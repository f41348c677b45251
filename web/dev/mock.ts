// A made-up server for `npm run dev`: the contract of docs/design/web.md in memory, so that screens
// can be worked on alone. Any password signs in but `wrong`. Never part of a build.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import { answer } from "./mock/routes.ts";

async function body(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  return text === "" ? null : JSON.parse(text);
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://mock");
  const found = await answer(request.method ?? "GET", url, await body(request));
  if (found.stream) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const stop = found.stream((event, data) => {
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    });
    request.on("close", stop);
    return;
  }
  response.statusCode = found.status ?? 200;
  if (found.type) {
    response.setHeader("content-type", found.type);
    response.end(found.bytes);
  } else {
    response.setHeader("content-type", "application/json");
    response.end(found.json === undefined ? "" : JSON.stringify(found.json));
  }
}

export function mock(): Plugin {
  return {
    name: "giaolo-mock",
    apply: "serve",
    configureServer(server) {
      if (process.env.GIAOLO_SERVER) return;
      server.middlewares.use("/api", (request, response) => {
        serve(request, response).catch((error: unknown) => {
          response.statusCode = 500;
          response.end(String(error));
        });
      });
    },
  };
}
