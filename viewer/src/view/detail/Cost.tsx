import type { JSX } from "preact";
import { cacheShare, tokenClasses } from "../../core/costs";
import type { Call, Span, Usage } from "../../core/data";
import { cost, count, counted, share } from "../../core/format";
import { costTitle, costWord } from "../../core/sums";
import type { Total, Tree } from "../../core/tree";
import { useNavigation } from "../hooks";
import { Line } from "../Text";
import { Figure } from "./Stream";

interface Props {
  span: Span;
  call: Call | null;
  tree: Tree;
}

/** What a step took, and all beneath it. */
export function Cost({ span, call, tree }: Props): JSX.Element {
  const total = tree.total(span.id);
  const failed = (call?.attempts.length ?? 1) - 1;
  return (
    <>
      {(call !== null || span.usage !== null || span.unpriced) && (
        <section class="section">
          <h3>This step</h3>
          <dl class="measures">
            <Figure name="cost" value={span.unpriced ? "unknown" : cost(span.cost ?? 0)} />
            <Figure name="input" value={count(span.usage?.input ?? null)} />
            <Figure name="output" value={count(span.usage?.output ?? null)} />
            <Figure name="from the cache" value={shareOf(span.usage)} />
            <Figure name="attempts" value={String(span.attempts)} />
          </dl>
          {span.usage === null ? <p class="detail-note">The answer does not tell its tokens.</p> : <Classes usage={span.usage} />}
          {failed > 0 && <p class="detail-note">{counted(failed, "failed attempt")} before the last one: whether the provider charges for {failed === 1 ? "it" : "them"} is not known.</p>}
          {tree.run.prices !== null && (
            <p class="detail-note">
              Prices: <Line value={tree.run.prices} />
            </p>
          )}
        </section>
      )}
      {total.spans > 1 && <Beneath span={span} total={total} tree={tree} />}
    </>
  );
}

function shareOf(usage: Usage | null): string {
  const known = usage === null ? null : cacheShare(usage.input, usage.cache_read);
  return known === null ? "unknown" : share(known);
}

function Classes({ usage }: { usage: Usage }): JSX.Element {
  const classes = tokenClasses(usage);
  const most = Math.max(1, ...classes.map(({ tokens }) => tokens ?? 0));
  return (
    <table class="cost-classes">
      <caption class="unseen">Tokens by what they were</caption>
      <tbody>
        {classes.map(({ name, tokens, side }) => (
          <tr key={name} data-side={side}>
            <th scope="row">{name}</th>
            <td class="cost-tokens">{count(tokens)}</td>
            <td class="cost-bar" aria-hidden="true">
              {tokens !== null && <span style={{ width: `${(100 * tokens) / most}%` }} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const MOST = 50;

/** A step with all beneath it, and where the money went. */
function Beneath({ span, total, tree }: { span: Span; total: Total; tree: Tree }): JSX.Element {
  const navigation = useNavigation();
  const dear = tree
    .children(span.id)
    .map((id) => ({ child: tree.find(id), sum: tree.total(id) }))
    .filter(({ sum }) => sum.cost > 0 || sum.unpriced > 0 || sum.input + sum.output > 0)
    .sort((one, other) => other.sum.cost - one.sum.cost || other.sum.input - one.sum.input);
  return (
    <section class="section">
      <h3>With all beneath it</h3>
      <Totals total={total} />
      {dear.length > 0 && (
        <table class="cost-children">
          <thead>
            <tr>
              <th scope="col">step</th>
              <th scope="col">calls</th>
              <th scope="col">in</th>
              <th scope="col">out</th>
              <th scope="col">cost</th>
            </tr>
          </thead>
          <tbody>
            {dear.slice(0, MOST).map(
              ({ child, sum }) =>
                child !== null && (
                  <tr key={child.id}>
                    <th scope="row">
                      <button class="step-link" onClick={() => navigation.select(child.id)}>
                        {child.id} <Line value={child.label} most={40} />
                      </button>
                    </th>
                    <td>{count(sum.llm_calls)}</td>
                    <td>{known(sum.input, sum)}</td>
                    <td>{known(sum.output, sum)}</td>
                    <td title={costTitle(sum)}>{costWord(sum)}</td>
                  </tr>
                ),
            )}
          </tbody>
        </table>
      )}
      {dear.length > MOST && <p class="dim">and {counted(dear.length - MOST, "step")} that cost less</p>}
    </section>
  );
}

export function Totals({ total }: { total: Total }): JSX.Element {
  return (
    <dl class="measures">
      <Figure name="cost" value={costTitle(total)} />
      <Figure name="model calls" value={count(total.llm_calls)} />
      <Figure name="input" value={known(total.input, total)} />
      <Figure name="output" value={known(total.output, total)} />
      <Figure name="from the cache" value={total.untold > 0 ? "unknown" : share(cacheShare(total.input, total.cached) ?? 0)} />
      <Figure name="errors" value={count(total.errors)} />
    </dl>
  );
}

/** A sum that leaves something out says so. */
function known(sum: number, total: Total): string {
  return total.untold === 0 ? count(sum) : sum === 0 ? "unknown" : `${count(sum)} and unknown`;
}
