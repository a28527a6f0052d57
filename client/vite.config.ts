import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/static/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    manifest: true,
    target: "es2022",
    // light-dark() stays as it is written.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // One file each: the client's shell names them in its head, so nothing waits for a second hop.
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
