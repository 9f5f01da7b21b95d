import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Call, Details, Span, SpanDetail } from "../../core/data";
import type { Moment, Moments } from "../../core/moments";
import type { Tree } from "../../core/tree";
import { useKeys, useNavigation, usePlace } from "../hooks";
import { Icon } from "../icons";
import { Problem, Waiting } from "../States";
import { Attributes } from "./Attributes";
import { Conversation } from "./Conversation";
import { Cost, Totals } from "./Cost";
import { Leaving } from "./Leaving";
import { News } from "./News";
import { useNotes } from "./notes";
import { NotesPane } from "./NotesPane";
import { Raw } from "./Raw";
import { Rendered } from "./Rendered";
import { RunPane } from "./RunPane";
import { StepHead } from "./StepHead";
import { Stream } from "./Stream";

export interface DetailProps {
  tree: Tree;
  /** All that was said in the run; null until it is loaded, which begins after the first picture. */
  details: Details | null;
  /** Why it could not be loaded. */
  problem: string | null;
  /** The selected step. */
  span: Span | null;
  /** While the reader travels through time, where they are. */
  moment: Moment | null;
  moments: Moments;
}

interface Tab {
  id: string;
  name: string;
  draw: () => ComponentChildren;
}

/** The selected step in full; the run where none is selected. */
export function Detail(props: DetailProps): JSX.Element {
  const { tree, details, problem, span } = props;
  const place = usePlace();
  const navigation = useNavigation();
  const { notes, name } = useNotes(tree.run.head);
  const tabs = tabsOf(props);
  const shown = tabs.find((tab) => tab.id === place.tab) ?? tabs[0];
  const choose = (tab: Tab | undefined) => tab !== undefined && navigation.change({ tab: tab.id === tabs[0]?.id ? null : tab.id });
  useKeys([
    ...tabs.map((tab, index) => ({ keys: [String(index + 1)], what: tab.name, group: "Detail", run: () => choose(tab) })),
    { keys: ["a"], what: "note on the step", group: "Detail", run: () => annotate() },
  ]);
  const annotate = () => {
    choose(tabs.find((tab) => tab.id === "notes"));
    requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById("note")?.focus()));
  };
  const noted = span !== null && notes.find(name, span.id) !== null;
  return (
    <section class="detail" aria-label="Detail">
      {span === null ? <RunHead /> : <StepHead span={span} />}
      <Tabs tabs={tabs} shown={shown?.id ?? ""} noted={noted} onChoose={choose} />
      <Panel key={`${span?.id} ${shown?.id}`} tab={shown?.id ?? ""}>
        {problem !== null && <Problem text={problem} />}
        {problem === null && details === null ? <Waiting what="what was said" /> : <Leaving>{shown?.draw()}</Leaving>}
      </Panel>
    </section>
  );
}

function RunHead(): JSX.Element {
  return (
    <header class="detail-head">
      <h2 class="detail-title">The whole run</h2>
      <p class="detail-facts">Select a step to see what was said in it.</p>
    </header>
  );
}

const NOTHING: SpanDetail = { input: null, output: null, attributes: {}, call: null };

function tabsOf(props: DetailProps): Tab[] {
  const { tree, span, moments, moment } = props;
  const details = props.details ?? { messages: [], tools: [], values: [], spans: {} };
  const conversation: Tab = { id: "conversation", name: "Conversation", draw: () => <Conversation span={span} details={details} moments={moments} moment={moment} /> };
  const notes: Tab = { id: "notes", name: "Notes", draw: () => <NotesPane tree={tree} span={span} /> };
  if (span === null) {
    return [{ id: "run", name: "Run", draw: () => <RunPane tree={tree} /> }, conversation, notes, { id: "cost", name: "Cost", draw: () => tree.roots.map((id) => <Totals key={id} total={tree.total(id)} />) }];
  }
  const detail = details.spans[span.id] ?? NOTHING;
  const ended = moment === null ? span.ms !== null : moments.ended(span.id, moment);
  return [
    { id: "rendered", name: "Rendered", draw: () => <Rendered span={span} detail={detail} details={details} ended={ended} travelling={moment !== null} /> },
    ...(span.kind !== "llm" || moment !== null ? [conversation] : []),
    ...(detail.call === null ? [] : tabsOfCall(detail.call, span, details, tree)),
    { id: "attributes", name: "Attributes", draw: () => <Attributes span={span} detail={detail} tree={tree} /> },
    notes,
    { id: "cost", name: "Cost", draw: () => <Cost span={span} call={detail.call} tree={tree} /> },
  ];
}

function tabsOfCall(call: Call, span: Span, details: Details, tree: Tree): Tab[] {
  const before = call.before === null ? null : (details.spans[call.before]?.call ?? null);
  const beforeSpan = tree.find(call.before);
  const tabs: Tab[] = [];
  if (before !== null && beforeSpan !== null && call.request !== null) tabs.push({ id: "new", name: "New", draw: () => <News call={call} before={before} beforeSpan={beforeSpan} details={details} /> });
  tabs.push({ id: "raw", name: "Raw", draw: () => <Raw call={call} details={details} /> });
  if (call.attempts.some(({ events }) => events !== null && events.length > 0)) tabs.push({ id: "stream", name: "Stream", draw: () => <Stream call={call} span={span} /> });
  return tabs;
}

interface TabsProps {
  tabs: readonly Tab[];
  shown: string;
  noted: boolean;
  onChoose: (tab: Tab | undefined) => void;
}

function Tabs({ tabs, shown, noted, onChoose }: TabsProps): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  const at = tabs.findIndex((tab) => tab.id === shown);
  const key = (event: KeyboardEvent) => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const index = (to + tabs.length) % tabs.length;
    onChoose(tabs[index]);
    (list.current?.children[index] as HTMLElement | undefined)?.focus();
  };
  return (
    <div class="tabs detail-tabs" role="tablist" aria-label="Views of the step" ref={list} onKeyDown={key}>
      {tabs.map((tab) => (
        <button key={tab.id} id={`tab-${tab.id}`} class="tab" role="tab" aria-selected={tab.id === shown} aria-controls="detail-panel" tabIndex={tab.id === shown ? 0 : -1} onClick={() => onChoose(tab)}>
          {tab.name}
          {tab.id === "notes" && noted && (
            <>
              {" "}
              <Icon name="note" label="has a note" />
            </>
          )}
        </button>
      ))}
    </div>
  );
}

function Panel({ tab, children }: { tab: string; children: ComponentChildren }): JSX.Element {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => panel.current?.scrollTo({ top: 0 }), []);
  return (
    <div id="detail-panel" class="detail-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0} ref={panel} data-scrolls>
      {children}
    </div>
  );
}
