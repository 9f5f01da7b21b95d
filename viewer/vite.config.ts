import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { defineConfig, type Plugin } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";

const here = import.meta.dirname;

/** What the page is built from, in the order of their names; tests/viewer/test_built.py computes the same. */
function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? sources(path) : [path];
    })
    .sort();
}

function digest(): string {
  const files = [...sources(join(here, "src")), ...["index.html", "package-lock.json", "vite.config.ts"].map((name) => join(here, name))];
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${relative(here, file).replaceAll("\\", "/")}\0`);
    hash.update(readFileSync(file));
    hash.update("\0");
  }
  return hash.digest("hex");
}

const quoted = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Names what may run and how it may look by hash, so that nothing else does, and what the page was built from. */
function sealed(): Plugin {
  return {
    name: "sealed",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const page = bundle["index.html"];
        if (page?.type !== "asset") throw new Error("there is no page");
        let html = String(page.source);
        const inside = (tag: string) => [...html.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, "g"))].map((match) => quoted(match[1] ?? ""));
        const policy = [
          "default-src 'none'",
          `script-src ${inside("script").join(" ")}`,
          `style-src ${inside("style").join(" ")}`,
          "img-src data: blob:",
          "connect-src 'none'",
          "base-uri 'none'",
          "form-action 'none'",
        ].join("; ");
        html = html.replace("<!--sealed-->", () => `<meta http-equiv="Content-Security-Policy" content="${policy}">\n    <meta name="viewer-src" content="${digest()}">`);
        page.source = html;
      },
    },
  };
}

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { target: "es2022", outDir: "../trace_ops/viewer", emptyOutDir: false, modulePreload: false, rollupOptions: { input: join(here, "index.html") } },
  plugins: [viteSingleFile({ removeViteModuleLoader: true }), sealed(), renamed()],
});

function renamed(): Plugin {
  return {
    name: "renamed",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const page = bundle["index.html"];
        if (page?.type === "asset") page.fileName = "viewer.html";
      },
    },
  };
}
