import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "fflate";
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

/**
 * What unpacks the program and starts it. The page is sent around as a file, often one a run: packed, the viewer is a third of it. The program
 * runs only if its text is the one whose hash the page names.
 */
const STARTER = `
(async () => {
  const bytes = Uint8Array.from(atob(document.getElementById("program").textContent), (character) => character.charCodeAt(0));
  const program = document.createElement("script");
  program.type = "module";
  program.textContent = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  document.head.append(program);
})();
`;

/** Packs the program, and names what may run and how it may look by hash, so that nothing else does, and what the page was built from. */
function sealed(): Plugin {
  return {
    name: "sealed",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const page = bundle["index.html"];
        if (page?.type !== "asset") throw new Error("there is no page");
        const parts = /^(.*)<script type="module"[^>]*>(.*?)<\/script>(.*)<!--data-->(.*)$/s.exec(String(page.source));
        if (parts === null) throw new Error("the page is not as it should be");
        const [, head = "", program = "", middle = "", tail = ""] = parts;
        const styles = [...head.matchAll(/<style[^>]*>(.*?)<\/style>/gs), ...middle.matchAll(/<style[^>]*>(.*?)<\/style>/gs)].map((match) => quoted(match[1] ?? ""));
        const policy = [
          "default-src 'none'",
          `script-src ${quoted(STARTER)} ${quoted(program)}`,
          `style-src ${styles.join(" ")}`,
          "img-src data: blob:",
          "connect-src 'none'",
          "base-uri 'none'",
          "form-action 'none'",
        ].join("; ");
        // Always the same bytes, on every machine: so not by what Node brings along.
        const packed = Buffer.from(gzipSync(new TextEncoder().encode(program), { level: 9, mtime: 0 })).toString("base64");
        page.source = [
          head.replace("<!--sealed-->", () => `<meta http-equiv="Content-Security-Policy" content="${policy}">\n    <meta name="viewer-src" content="${digest()}">`),
          middle,
          "<!--data-->\n",
          `    <script type="application/octet-stream" id="program">${packed}</script>\n`,
          `    <script>${STARTER}</script>`,
          tail,
        ].join("");
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
