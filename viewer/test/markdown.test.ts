import { describe, expect, test } from "vitest";
import { inline, type Inline } from "../src/core/inline";
import { addressOf, type Block, blocks, sections } from "../src/core/markdown";

const TAGS = { strong: "b", em: "i", del: "s", code: "code", link: "a", image: "img" };
const said = (parts: readonly Inline[]): string =>
  parts.map((part) => (typeof part === "string" ? part : `<${TAGS[part.type]}${part.address === undefined ? "" : ` ${part.address}`}>${said(part.inside)}</${TAGS[part.type]}>`)).join("");
const told = (found: readonly Block[]): unknown[] =>
  found.map((block) => {
    switch (block.type) {
      case "paragraph":
        return said(block.inside);
      case "heading":
        return { [`h${block.level}`]: said(block.inside) };
      case "code":
        return { code: block.text };
      case "quote":
        return { quote: told(block.blocks) };
      case "list":
        return { [block.start === null ? "ul" : `ol ${block.start}`]: block.items.map(told) };
      case "table":
        return { table: block.rows.map((row) => row.map(said)), align: block.align };
      case "rule":
        return "---";
    }
  });

describe("within a paragraph", () => {
  test.each([
    ["plain", "plain"],
    ["*a* **b** ***c*** ~~d~~ `e`", "<i>a</i> <b>b</b> <i><b>c</b></i> <s>d</s> <code>e</code>"],
    ["**a *b* c**", "<b>a <i>b</i> c</b>"],
    ["_a_ __b__ snake_case_name a_b_", "<i>a</i> <b>b</b> snake_case_name a_b_"],
    ["2 * 3 * 4, a*b*c", "2 * 3 * 4, a<i>b</i>c"],
    ["*a **b*", "*a *<i>b</i>"],
    ["**a", "**a"],
    ["a**", "a**"],
    ["**Note:** x, **“q”** y, (**z**)", "<b>Note:</b> x, <b>“q”</b> y, (<b>z</b>)"],
    ["**重要**です", "<b>重要</b>です"],
    ["`` a`b `` `c", "<code>a`b</code> `c"],
    ["`*a*` \\*b\\* \\`c\\` \\d", "<code>*a*</code> *b* `c` \\d"],
    ["[a *b*](https://x.y/z \"t\") [c](<d e>)", "<a https://x.y/z>a <i>b</i></a> <a d e>c</a>"],
    ["[wiki](https://x.y/a_(b))", "<a https://x.y/a_(b)>wiki</a>"],
    ["![alt](http://evil/x.png) [see] [1](", "<img http://evil/x.png>alt</img> [see] [1]("],
    ["[![a](b)](c)", "<a c><img b>a</img></a>"],
    ["see https://x.y/z?a=b_c_d. (https://x.y/(z)) www.x.y xhttps://no", "see <a https://x.y/z?a=b_c_d>https://x.y/z?a=b_c_d</a>. (<a https://x.y/(z)>https://x.y/(z)</a>) <a http://www.x.y>www.x.y</a> xhttps://no"],
    ["<https://x.y> <b>no</b> <script>", "<a https://x.y>https://x.y</a> <b>no</b> <script>"],
    ["&lt; &amp;", "&lt; &amp;"],
    ["~a~ ~~~b~~~", "~a~ ~~~b~~~"],
  ])("%s", (text, shown) => expect(said(inline(text))).toBe(shown));
});

describe("blocks", () => {
  test.each<[string, unknown[]]>([
    ["a\nb\n\nc", ["a\nb", "c"]],
    ["# A\n### B ##\n#no", [{ h1: "A" }, { h3: "B" }, "#no"]],
    ["a\n```py\n*x*\n\n  y\n```\nb", ["a", { code: "*x*\n\n  y" }, "b"]],
    ["~~~\n```\n~~~", [{ code: "```" }]],
    ["```\nnever closed", [{ code: "never closed" }]],
    ["> a\n> > b\n\nc", [{ quote: ["a", { quote: ["b"] }] }, "c"]],
    ["- a\n- b\n  c\n\n  d\n- e", [{ ul: [["a"], ["b\nc", "d"], ["e"]] }]],
    ["1. a\n   - b\n   - c\n2. d", [{ "ol 1": [["a", { ul: [["b"], ["c"]] }], ["d"]] }]],
    ["* a\n    * b\n        * c", [{ ul: [["a", { ul: [["b", { ul: [["c"]] }]] }]] }]],
    ["3) a\n4) b\n- c", [{ "ol 3": [["a"], ["b"]] }, { ul: [["c"]] }]],
    ["- a\nlazy\n\nb", [{ ul: [["a\nlazy"]] }, "b"]],
    ["- a\n  ```\n  x\n    y\n  ```", [{ ul: [["a", { code: "x\n  y" }]] }]],
    ["in\n1984. was\n1. one", ["in\n1984. was", { "ol 1": [["one"]] }]],
    ["- a\n- - b", [{ ul: [["a"], [{ ul: [["b"]] }]] }]],
    ["---\n* * *\na\n***", ["---", "---", "a", "---"]],
    ["| a | b |\n|:-:|--:|\n| *c* | d \\| e |\n| f |\n\ng", [{ table: [["a", "b"], ["<i>c</i>", "d | e"], ["f"]], align: ["center", "right"] }, "g"]],
    ["a | b\nno table", ["a | b\nno table"]],
    ["  indented\n      stays", ["  indented\n      stays"]],
    ["", []],
  ])("%j", (text, shown) => expect(told(blocks(text))).toEqual(shown));
});

const everything = (found: readonly Block[]): string =>
  found
    .map((block) => {
      if (block.type === "code") return `${block.info} ${block.text}`;
      if (block.type === "quote") return everything(block.blocks);
      if (block.type === "list") return block.items.map(everything).join(" ");
      if (block.type === "table") return block.rows.flat().map(said).join(" ");
      return block.type === "rule" ? "" : said(block.inside);
    })
    .join(" ");

describe("no text takes long, nests deep or loses a word", () => {
  const pieces = ["*a ", "**a", "[", "[a](", "`", "> ", ">", "- ", "1. ", "_a_", "_a ", "(", "![", "<", "<a ", "~~a", "|a", "www.a.", "http://a", "\n", "\\", "*_[`", "#", "**_", "a**b", "```\n", "<!--", "[a][", "a.@", "](x)", "[]", "- a\n ", "*a*b", "|-|\n", "``` `", "]", "a\n> - 1. b\n"];
  test.each(pieces)("%j many times", (piece) => {
    const text = `${piece.repeat(20_000 / piece.length)}end`;
    expect(everything(blocks(text))).toContain("end");
    expect(depth(blocks(text))).toBeLessThan(14);
  });
  const depth = (found: readonly Block[]): number =>
    Math.max(0, ...found.map((block) => 1 + (block.type === "quote" ? depth(block.blocks) : block.type === "list" ? Math.max(0, ...block.items.map(depth)) : 0)));

  test("lines indented more and more", () => {
    const text = Array.from({ length: 500 }, (_, index) => `${" ".repeat(index * 2)}- item${index}`).join("\n");
    expect(everything(blocks(text))).toContain("item499");
  });
});

describe("a long text", () => {
  const paragraphs = Array.from({ length: 600 }, (_, number) => `Paragraph ${number} says *something*.`).join("\n\n");
  const code = `\`\`\`\n${"\nline\n".repeat(900)}\`\`\`\n`;

  test.each([paragraphs, code, "x".repeat(60_000), "", "\n\n\n", `${code}\n${paragraphs}`])("is cut into sections that make it up (%#)", (text) => {
    const found = sections(text);
    expect(found.map((section) => section.text).join("")).toBe(text);
    expect(found.every((section) => section.text.length <= 20_000)).toBe(true);
  });

  test("is cut between paragraphs, and never within code", () => {
    expect(sections(paragraphs).every((section) => section.text.startsWith("Paragraph") && section.marked)).toBe(true);
    expect(sections(paragraphs).length).toBeGreaterThan(3);
    expect(sections(`${code}\n${paragraphs}`)[0]?.text.trim()).toBe(code.trim());
  });

  test("without an end is shown as it is", () => expect(sections("*x".repeat(20_000)).every((section) => !section.marked)).toBe(true));
});

describe("a link", () => {
  test.each([
    ["https://example.com/a?b", "https://example.com/a?b"],
    ["mailto:a@b.co", "mailto:a@b.co"],
    ["HTTP://EXAMPLE.com", "http://example.com/"],
  ])("leads to %s", (href, address) => expect(addressOf(href)).toBe(address));

  test.each(["javascript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "blob:x", "//example.com", "/path", "#hash", "ftp://x", ""])("leads nowhere: %j", (href) => expect(addressOf(href)).toBeNull());
});
