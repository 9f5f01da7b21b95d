import type { JSX } from "preact";
import type { Failure } from "../../core/data";
import { Icon } from "../icons";
import { Line } from "../Text";
import { PlainText } from "./PlainText";

/** Why something failed. */
export function Failed({ failure }: { failure: Failure }): JSX.Element {
  return (
    <div class="failure">
      <p class="failure-type">
        <Icon name="error" />
        <Line value={failure.type} />
      </p>
      {failure.message !== "" && <PlainText value={failure.message} code />}
    </div>
  );
}
