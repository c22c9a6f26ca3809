import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "./",
  plugins: [react()],
  worker: { format: "es" },
  build: {
    outDir: "../src/antiphon/hosts/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    license: { fileName: "licences/bundled.md" },
    // LiveKit's client is a part of its own, fetched by those who enter a room.
    chunkSizeWarningLimit: 600,
    modulePreload: { polyfill: false },
    target: ["chrome123", "firefox128", "safari17.5"],
  },
  server: { proxy: { "/orchestrate": { target: "ws://127.0.0.1:8700", ws: true } } },
  test: { include: ["test/**/*.test.ts"], environment: "node" },
});
