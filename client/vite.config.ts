import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Puts a compressed copy beside each file that is worth it: the server gives it to whoever takes it. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir = "dist" }) {
      for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const path = join(dir, name);
        const bytes = readFileSync(path);
        if (bytes.length < 500) continue;
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        writeFileSync(
          `${path}.br`,
          brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
        );
      }
    },
  };
}

export default defineConfig({
  base: "/static/",
  plugins: [compressed()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    manifest: true,
    target: "es2022",
    // light-dark() stays as it is written.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // The client's shell names what it begins with in its head, so nothing waits for a second hop.
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        client: "src/main.tsx",
        pages: "src/styles/pages.css",
        admin: "src/styles/admin.css",
        passkeys: "src/pages/passkeys.ts",
        recovery: "src/pages/recovery.ts",
        idle: "src/pages/idle.ts",
      },
    },
  },
  test: { include: ["test/**/*.test.{ts,tsx}"], environment: "node" },
});
