import { describe, expect, test } from "vitest";
import { addressOf, html, sections } from "../src/core/markdown";

describe("Markdown", () => {
  test("is what models write", () =>
    expect(html("# Plan\n\nOne **two**\nthree\n\n- [x] `a`\n\n```js\n1 < 2\n```")).toBe(
      '<p data-level="1">Plan</p><p>One <strong>two</strong><br>three</p>\n<ul>\n<li>[x] <code>a</code></li>\n</ul>\n<pre><code>1 &#60; 2</code></pre>',
    ));

  test.each(["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<div>\n*x*\n</div>", "<!-- hidden -->", "<?php ?>", "<![CDATA[x]]>", "a <b onclick=x>b</b>", "<style>*{}</style>", "</p><iframe src=x>"])(
    "has no tags but its own: %s",
    (text) => expect((html(text) ?? "").replace(/<\/?(?:p|em|br|span|a href="[^"]*")>/g, "")).not.toContain("<"),
  );

  test("shows what an image is of and where it is, and loads none", () => expect(html('![a "cat"](http://evil/x.png)')).toBe('<p><span data-image="">a &#34;cat&#34;</span><a href="http://evil/x.png">http://evil/x.png</a></p>\n'));

  test("that is nested too deeply is none", () => expect(html(">".repeat(20_000))).toBeNull());
});

describe("a long text", () => {
  const paragraphs = Array.from({ length: 200 }, (_, number) => `Paragraph ${number} says *something*.`).join("\n\n");
  const code = `\`\`\`\n${"\nline\n".repeat(900)}\`\`\`\n`;

  test.each([paragraphs, code, "x".repeat(30_000), "", "\n\n\n", `${code}\n${paragraphs}`])("is cut into sections that make it up (%#)", (text) => {
    const found = sections(text);
    expect(found.map((section) => section.text).join("")).toBe(text);
    expect(found.every((section) => section.text.length <= 8000)).toBe(true);
  });

  test("is cut between paragraphs, and never within code", () => {
    expect(sections(paragraphs).every((section) => section.text.startsWith("Paragraph") && section.marked)).toBe(true);
    expect(sections(`${code}\n${paragraphs}`)[0]?.text.trim()).toBe(code.trim());
  });

  test("without an end is shown as it is", () => expect(sections("*x".repeat(10_000)).every((section) => !section.marked)).toBe(true));

  test.each([["_a_"], ["a."], [">"], ["1. "], ["**a"]])("made of %j is read soon", (piece) => {
    for (const { text, marked } of sections(piece.repeat(8000 / piece.length))) if (marked) html(text);
  });
});

describe("a link", () => {
  test.each([
    ["https://example.com/a?b", "https://example.com/a?b"],
    ["mailto:a@b.co", "mailto:a@b.co"],
    ["HTTP://EXAMPLE.com", "http://example.com/"],
  ])("leads to %s", (href, address) => expect(addressOf(href)).toBe(address));

  test.each(["javascript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "blob:x", "//example.com", "/path", "#hash", "ftp://x", ""])("leads nowhere: %j", (href) => expect(addressOf(href)).toBeNull());
});
