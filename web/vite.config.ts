import { readdirSync, realpathSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = fileURLToPath(new URL(".", import.meta.url));
const filesOf = (folder: string) => readdirSync(resolve(here, folder)).map((name) => resolve(here, folder, name));
const nameOf = (file: string) => basename(file).replace(/\.[a-z]+$/, "");

/// The entries: a page each, and an element each.
const inputs = Object.fromEntries(
  [...filesOf("pages"), ...filesOf("src/elements/entries")].map((file) => [nameOf(file), file]),
);
const elements = new Set(filesOf("src/elements/entries").map(nameOf));

/// `vite dev` answers the paths of the pages as the gateway does: all below /shop is the shop, and a scenario has the
/// page of them all.
function servePages(): Plugin {
  const names = filesOf("pages").map(nameOf);
  return {
    name: "waybill-pages",
    configureServer(server) {
      server.middlewares.use((request, _, next) => {
        const [, first = ""] = (request.url ?? "/").split(/[/?]/);
        const name = first === "" ? "home" : first === "scenario" ? "scenarios" : first;
        if (names.includes(name)) request.url = `/web/pages/${name}.html`;
        next();
      });
    },
  };
}

/// The node that `vite dev` asks: WAYBILL_URL=http://127.0.0.1:4000 npm run dev
const node = process.env["WAYBILL_URL"] ?? "http://127.0.0.1:4000";
const proxied = ["/v1", "/version", "/docs", "/assets", "/openapi.json", "/asyncapi.json", "/readyz", "/metrics"];

/// The node lets only its own pages change something and follow events; those of `vite dev` pass for them.
const proxyTo = (path: string) => ({
  target: node,
  changeOrigin: true,
  headers: { origin: node },
  ws: path === "/v1",
  rewriteWsOrigin: true,
});

export default defineConfig({
  base: "/web/",
  plugins: [servePages()],
  // npm's packages lie outside of the source tree (scripts/npm.sh).
  cacheDir: process.env["WAYBILL_VITE_CACHE"] ?? resolve(here, "../build/vite"),
  server: {
    fs: { allow: [here, realpathSync(resolve(here, "node_modules"))] },
    proxy: Object.fromEntries(proxied.map((path) => [path, proxyTo(path)])),
  },
  build: {
    target: "es2022",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // Its polyfill would be a script in the page.
    modulePreload: { polyfill: false },
    rollupOptions: {
      // "use client" means something to servers that render pages; there is none here.
      onwarn: (warning, warn) => {
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
      input: inputs,
      output: {
        entryFileNames: ({ name }) => (elements.has(name) ? "elements/[name].js" : "assets/[name]-[hash].js"),
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
