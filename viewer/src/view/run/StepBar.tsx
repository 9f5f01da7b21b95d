import { duration } from "../../core/format";
import { LINK_WORDS } from "../../core/links";
import type { Moment } from "../../core/moments";
import { useCopy, useKeys, useNavigation } from "../hooks";
import { Icon } from "../icons";
import { Line } from "../Text";
import type { RunState } from "./state";

/** The foot of a run: time travel, the links of the selected step, a link to this place. */
export function StepBar({ run }: { run: RunState }) {
  const navigation = useNavigation();
  const copy = useCopy();
  const share = () => copy(navigation.link(), "Link");
  useKeys([{ keys: ["y"], what: "copy a link to this place", group: "Page", run: share }]);
  return (
    <footer class="step-bar">
      <Travel run={run} />
      <LinksOf run={run} />
      <span class="top-space" />
      <button class="button quiet" onClick={share} title="Copy a link to this place (y)">
        <Icon name="link" />
        Copy link
      </button>
    </footer>
  );
}

function Travel({ run }: { run: RunState }) {
  const navigation = useNavigation();
  const { moments, moment, place } = run;
  const to = (next: Moment | null | undefined) => next && navigation.change({ span: next.span, at: next.edge });
  const last = moments.all.length - 1;
  return (
    <div class="travel" role="group" aria-label="Travel through time">
      <button class="button quiet" aria-label="Previous event (p)" title="Previous event (p)" onClick={() => to(moments.step(moment, place.span, -1))}>
        <Icon name="left" />
      </button>
      <input
        class="travel-slider"
        type="range"
        aria-label="Event"
        aria-valuetext={moment === null ? "not travelling" : said(run, moment)}
        min={0}
        max={Math.max(0, last)}
        value={moment?.index ?? last}
        data-off={moment === null}
        onInput={(event) => to(moments.all[Number(event.currentTarget.value)])}
      />
      <button class="button quiet" aria-label="Next event (n)" title="Next event (n)" onClick={() => to(moments.step(moment, place.span, 1))}>
        <Icon name="right" />
      </button>
      {moment === null ? (
        <span class="dim travel-said">
          <kbd>n</kbd> <kbd>p</kbd> travel through time
        </span>
      ) : (
        <>
          <span class="travel-said" role="status">
            <span class="travel-count">
              {moment.index + 1}/{moments.all.length}
            </span>{" "}
            <Line value={said(run, moment)} most={80} />
          </span>
          <button class="button quiet" title="Leave time travel (Esc)" aria-label="Leave time travel (Esc)" onClick={() => navigation.change({ at: null })}>
            <Icon name="close" />
          </button>
        </>
      )}
    </div>
  );
}

/** `12.4 s: search begins` */
function said({ tree }: RunState, moment: Moment): string {
  const span = tree.find(moment.span);
  const ends = span?.error ? "fails" : "ends";
  return `${duration(moment.at)}: ${span?.label ?? ""} ${moment.edge === "start" ? "begins" : ends}`;
}

/** More links than these are not listed. */
const MOST = 4;

function LinksOf({ run }: { run: RunState }) {
  const { links, place, tree } = run;
  if (place.span === null) return null;
  const found = [...links.in(place.span).map((link) => ({ link, to: link.from, forward: false })), ...links.out(place.span).map((link) => ({ link, to: link.to, forward: true }))];
  if (found.length === 0) return null;
  return (
    <nav class="links" aria-label="Links of this step">
      {found.slice(0, MOST).map(({ link, to, forward }) => (
        <button key={`${link.kind} ${to} ${forward}`} class="button quiet" onClick={() => run.go(to)} title={`${forward ? "Forward (])" : "Back ([)"}`}>
          <Icon name={link.kind} />
          <span class="dim">{LINK_WORDS[link.kind][forward ? "out" : "in"]}</span>
          <Line value={tree.find(to)?.label ?? ""} most={30} />
          <span class="dim">#{to}</span>
        </button>
      ))}
      {found.length > MOST && <span class="dim">and {found.length - MOST} more</span>}
    </nav>
  );
}
