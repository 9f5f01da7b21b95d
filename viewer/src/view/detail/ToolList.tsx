import type { JSX } from "preact";
import type { ToolDefinition } from "../../core/data";
import { counted } from "../../core/format";
import { Line } from "../Text";
import { JsonTree } from "./JsonTree";
import { LazyRows } from "./Lazy";
import { PlainText } from "./PlainText";

/** The tools that were offered to a model, folded. */
export function ToolList({ tools }: { tools: readonly ToolDefinition[] }): JSX.Element | null {
  if (tools.length === 0) return null;
  return (
    <details class="tools">
      <summary>
        {counted(tools.length, "tool")} offered: <Line value={tools.map(({ name }) => name).join(", ")} />
      </summary>
      <LazyRows items={tools} height={60}>
        {(tool, index) => (
          <div key={index} class="tool">
            <code>
              <Line value={tool.name} />
            </code>
            {tool.description !== null && <PlainText value={tool.description} />}
            {tool.parameters !== null && <JsonTree value={tool.parameters} label={`Parameters of ${tool.name}`} />}
          </div>
        )}
      </LazyRows>
    </details>
  );
}
