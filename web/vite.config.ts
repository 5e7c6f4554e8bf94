// One build, a page per entry. tools/build_web.py runs it and puts the result into the Python package.

import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

const PAGES = ["landing", "console", "guest", "hotel", "docs", "graphiql"];
const FONTS = ["inter", "newsreader"];

/** Fonts may be passed on with their licences; Vite gathers those of scripts only. */
const fontLicenses: Plugin = {
  name: "font-licenses",
  generateBundle() {
    for (const font of FONTS) {
      const source = readFileSync(`node_modules/@fontsource-variable/${font}/LICENSE`, "utf8");
      this.emitFile({ type: "asset", fileName: `license-${font}.txt`, source });
    }
  },
};

export default defineConfig({
  plugins: [fontLicenses],
  build: {
    target: "baseline-widely-available",
    // Every browser that runs the pages preloads modules by itself.
    modulePreload: { polyfill: false },
    // GraphiQL's editor is what it is; the other pages stay far below.
    chunkSizeWarningLimit: 4096,
    license: { fileName: "licenses.md" },
    rolldownOptions: {
      input: Object.fromEntries(PAGES.map((page) => [page, `${page}.html`])),
    },
  },
});
