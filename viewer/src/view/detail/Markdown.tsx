import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Inline } from "../../core/inline";
import { addressOf, type Block, blocks } from "../../core/markdown";
import { Text } from "../Text";

/** A section of a message as Markdown. What it is made of stands here: nothing of it loads, is sent, runs or has a look of its own. */
export function Markdown({ value }: { value: string }): JSX.Element {
  const found = useMemo(() => blocks(value), [value]);
  return (
    <div class="markdown" dir="auto">
      <Blocks value={found} />
    </div>
  );
}

function Blocks({ value }: { value: readonly Block[] }): JSX.Element {
  return (
    <>
      {value.map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </>
  );
}

function BlockView({ block }: { block: Block }): JSX.Element {
  switch (block.type) {
    case "paragraph":
      return (
        <p>
          <Said parts={block.inside} />
        </p>
      );
    case "heading":
      // Headings of a message are none of the page.
      return (
        <p class="markdown-heading" data-level={block.level}>
          <Said parts={block.inside} />
        </p>
      );
    case "code":
      return (
        <pre>
          {block.info !== "" && (
            <span class="markdown-info">
              <Text value={block.info} />
            </span>
          )}
          <code>
            <Text value={block.text} />
          </code>
        </pre>
      );
    case "quote":
      return (
        <blockquote>
          <Blocks value={block.blocks} />
        </blockquote>
      );
    case "list":
      return block.start === null ? <ul>{items(block.items)}</ul> : <ol start={block.start}>{items(block.items)}</ol>;
    case "table":
      return <Table rows={block.rows} align={block.align} />;
    case "rule":
      return <hr />;
  }
}

function items(given: Block[][]): JSX.Element[] {
  return given.map((item, index) => (
    <li key={index}>
      <Blocks value={item} />
    </li>
  ));
}

function Table({ rows, align }: { rows: Inline[][][]; align: (string | null)[] }): JSX.Element {
  const [head = [], ...body] = rows;
  return (
    <div class="markdown-table" tabIndex={0} role="group" aria-label="Table">
      <table>
        <thead>
          <tr>
            {head.map((cell, index) => (
              <th key={index} data-align={align[index]}>
                <Said parts={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, number) => (
            <tr key={number}>
              {row.map((cell, index) => (
                <td key={index} data-align={align[index]}>
                  <Said parts={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Said({ parts }: { parts: readonly Inline[] }): JSX.Element {
  return <>{parts.map((part, index) => (typeof part === "string" ? <Text key={index} value={part} /> : <MarkedView key={index} part={part} />))}</>;
}

function MarkedView({ part }: { part: Exclude<Inline, string> }): JSX.Element {
  const inside = <Said parts={part.inside} />;
  switch (part.type) {
    case "strong":
      return <strong>{inside}</strong>;
    case "em":
      return <em>{inside}</em>;
    case "del":
      return <del>{inside}</del>;
    case "code":
      return <code>{inside}</code>;
    case "link":
      return <Link address={part.address ?? ""}>{inside}</Link>;
    case "image":
      return (
        <span class="markdown-image">
          {inside} <Address value={part.address ?? ""} />
        </span>
      );
  }
}

/** A link that leads nowhere by itself: `Leaving` asks before it is followed. One that may lead nowhere is text, with its address. */
function Link({ address, children }: { address: string; children: JSX.Element }): JSX.Element {
  const known = addressOf(address);
  if (known !== null)
    return (
      <a role="link" tabIndex={0} data-address={known} title={known}>
        {children}
      </a>
    );
  return (
    <>
      {children}
      <span class="dim">
        {" ("}
        <Text value={address} />)
      </span>
    </>
  );
}

/** An address as such. */
export function Address({ value }: { value: string }): JSX.Element {
  const shown = <Text value={value.slice(0, 2000)} />;
  return addressOf(value) === null ? shown : <Link address={value}>{shown}</Link>;
}
