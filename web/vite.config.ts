// How the screens are built. The mock server is a development plugin: it serves only `npm run dev`.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mock } from "./dev/mock.ts";

export default defineConfig({
  plugins: [react(), mock()],
  build: { target: "es2022", sourcemap: false, chunkSizeWarningLimit: 700 },
  server: {
    host: "127.0.0.1",
    // With GIAOLO_SERVER=http://127.0.0.1:8080 the screens talk to a running `giaolo serve` instead.
    ...(process.env.GIAOLO_SERVER ? { proxy: { "/api": process.env.GIAOLO_SERVER } } : {}),
  },
  test: { include: ["src/**/*.test.ts"] },
});
