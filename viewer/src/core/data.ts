/**
 * What the page is given, by the same words in Python: trace_ops/viewer. Times are milliseconds, money is US
 * dollars, dates are ISO in UTC; null is what nobody knows, never zero. All text is hostile.
 *
 * A bundle names runs and comparisons; each is loaded when it is looked at, in two pieces: the `Run` with what
 * tree, waterfall and filters need, and its `Details` with everything that was said.
 */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Bundle {
  version: 1;
  title: string;
  /** `TraceOps 0.1.0` */
  generator: string;
  created: string;
  runs: RunHead[];
  comparisons: ComparisonHead[];
  /** The tests of a pytest session: the document of `--trace-report=json`, each test with its run. */
  session: Session | null;
  /** Whether the runs come from a server, which tells of new ones and of those that grow. */
  live: boolean;
  /** What that server knows beside the runs. */
  library: Library | null;
}

/** A folder whose runs a server shows. */
export interface Library {
  /** How far the server has told. */
  at: string;
  /** How many cassettes it has yet to read. */
  unread: number;
  broken: Broken[];
}

/** A cassette that cannot be read, and why. */
export interface Broken {
  key: string;
  path: string;
  problem: string;
}

/** What is another than it was; with `whole` nothing else is there any more. */
export interface Changes {
  library: Library;
  whole: boolean;
  runs: RunHead[];
  /** Keys of runs. */
  gone: string[];
}

/** What was found so far in all that was said; `next` is where to go on, null at the end. */
export interface Findings {
  found: Found[];
  searched: number;
  of: number;
  next: number | null;
}

/** What was found in a run: the first hits, and how many steps in all. */
export interface Found {
  key: string;
  steps: number;
  hits: Hit[];
}

/** A step that was looked for, with what is said around it. */
export interface Hit {
  span: number;
  kind: Kind;
  label: string;
  before: string;
  hit: string;
  after: string;
}

export interface RunHead {
  /** Unique in the bundle, and safe in a URL. */
  key: string;
  name: string;
  /** The cassette, as a person would name it. */
  path: string | null;
  recorded: string | null;
  tags: string[];
  /** A test's word for its run: `replayed`, `recorded`, `missed`, ... */
  verdict: string | null;
  totals: Totals;
  /** Whether it is being recorded now. */
  running: boolean;
  /** Another whenever the run is; null on a page that holds its runs. */
  stamp: string | null;
}

export interface Totals {
  spans: number;
  llm_calls: number;
  tool_calls: number;
  errors: number;
  usage: Usage;
  cost: number | null;
  ms: number;
  models: string[];
}

export interface Usage {
  /** All input tokens, cached ones included. */
  input: number | null;
  /** All output tokens, reasoning included. */
  output: number | null;
  cache_read: number | null;
  cache_write: number | null;
  reasoning: number | null;
}

export type Kind = "llm" | "embedding" | "tool" | "retrieval" | "agent" | "chain" | "decision" | "custom";

export interface Run {
  head: RunHead;
  metadata: Json;
  libraries: Record<string, string>;
  uncaptured: string[];
  prices: string | null;
  /** In start order; ids are ordinals from 1. */
  spans: Span[];
  links: Link[];
}

export interface Span {
  id: number;
  parent: number | null;
  kind: Kind;
  name: string;
  /** What it is called in a list: the model, the tool, the agent. */
  label: string;
  /** The task or thread it ran in. */
  lane: number;
  start: number;
  /** How long it took; null while it runs. */
  ms: number | null;
  /** From its start to the first event of its stream; null where nothing was streamed. */
  first: number | null;
  model: string | null;
  provider: string | null;
  usage: Usage | null;
  cost: number | null;
  /** Whether it cost something that nobody knows. */
  unpriced: boolean;
  /** The tools that an answer asks for. */
  tools: string[];
  finish: string | null;
  error: Failure | null;
  /** How often it was tried, the last time included. */
  attempts: number;
  /** One line: what an answer says, or what went in and came out. */
  preview: string;
}

export interface Failure {
  type: string;
  message: string;
}

/** `retry`: the same asked again after a failure; `fallback`: another model after one; `branch`: begun side by side; `data`: what one gave back
 * is what the other was given; `handoff`: one agent to the next; `continues`: a conversation that goes on. */
export type LinkKind = "retry" | "fallback" | "branch" | "data" | "handoff" | "continues";

export interface Link {
  kind: LinkKind;
  from: number;
  to: number;
}

/** All that was said in a run. Messages and tools that repeat stand once, and are referred to by their index. */
export interface Details {
  messages: Message[];
  tools: ToolDefinition[];
  /** Parts of raw bodies that repeat. */
  values: Json[];
  spans: Record<number, SpanDetail>;
}

export interface SpanDetail {
  input: Json;
  output: Json;
  attributes: Record<string, Json>;
  call: Call | null;
}

export interface Call {
  provider: string;
  method: string;
  path: string;
  query: string;
  /** The wire format (`openai.chat`); null for a call that does not generate. */
  api: string | null;
  request: {
    /** The instructions given apart from the conversation, as a message of the pool. */
    system: number | null;
    messages: number[];
    tools: number[];
    parameters: Record<string, Json>;
  } | null;
  response: {
    messages: number[];
    finish: (string | null)[];
    error: Json;
    complete: boolean;
    extra: Record<string, Json>;
  } | null;
  /** The call whose conversation this one goes on from: the last one of the same agent. */
  before: number | null;
  headers: Record<string, string>;
  body: RawBody | null;
  /** Failed attempts, then the last one. */
  attempts: Attempt[];
}

/** A body under the form it has. `places` says by JSON pointer where a value of the pool stands, of which `json` has null. */
export type RawBody = { json: Json; places?: Record<string, number> } | { text: string } | { base64: string };

export interface Attempt {
  status: number | null;
  reason: string;
  headers: [string, string][];
  body: RawBody | null;
  /** The events of a streamed body. */
  events: StreamEvent[] | null;
  /** `complete`, `closed`, `cancelled`, `abandoned`, `failed` */
  end: string;
  failure: Failure | null;
}

export interface StreamEvent {
  /** Since the request left. */
  at: number;
  text: string;
  /** What it adds to the answer, where it adds any. */
  said: { type: "text" | "reasoning" | "tool_call"; text: string } | null;
}

export type Role = "system" | "user" | "assistant" | "tool";

export interface Message {
  role: Role;
  name: string | null;
  parts: Part[];
}

export type Part =
  | { type: "text" | "refusal"; content: string }
  | { type: "reasoning"; content: string | null }
  | { type: "tool_call"; id: string | null; name: string; arguments: Json; server: boolean }
  | { type: "tool_call_response"; id: string | null; name: string | null; response: Json | Part[]; failed: boolean }
  | { type: "blob"; modality: string; mime_type: string | null; sha256: string; size: number; /** The data, where it is small and is an image. */ base64?: string }
  | { type: "uri"; modality: string; mime_type: string | null; uri: string }
  | { type: "file"; modality: string; file_id: string }
  | { type: "unknown"; kind: string; value: Json };

export interface ToolDefinition {
  name: string;
  description: string | null;
  parameters: Json;
}

export interface ComparisonHead {
  key: string;
  /** Keys of runs. */
  old: string;
  new: string;
  severity: Severity | null;
  /** The first difference in a line. */
  first: string | null;
  roots: number;
  downstream: number;
}

export type Severity = "major" | "minor" | "info";

/** A comparison of two runs, made by trace_ops.diff. */
export interface Comparison {
  head: ComparisonHead;
  /** Steps that correspond, in the order of the new run: ids in the old and the new run. */
  pairs: [number | null, number | null][];
  changes: Change[];
  /** The index of the first divergence. */
  first: number | null;
  metrics: Record<string, { before: number | null; after: number | null; ratio: number | null }>;
  added_tools: string[];
  removed_tools: string[];
}

export interface Change {
  /** What happened, in words: `system prompt changed`, `model: "gpt-5" -> "gpt-5-mini"`. */
  what: string;
  /** Whether these words hold both values. */
  inline: boolean;
  kind: string;
  cause: string;
  severity: Severity;
  old: number | null;
  new: number | null;
  path: string;
  before: Json;
  after: Json;
  /** The change that it follows from, and why: `repeats`, `carries`, `answers`, `after`. */
  root: number | null;
  follows: string | null;
  similarity: number | null;
}

export interface Session {
  exit_status: number;
  totals: Record<string, Json>;
  tests: Test[];
  takes: Json[];
  loose_ends: { kind: string; cassette: string; [key: string]: Json }[];
  base: Json;
}

/** A test of the report; see docs/pytest.md for what else it holds. */
export interface Test {
  test: string;
  result: string;
  verdict: string;
  reason: string | null;
  mode: string;
  cassette: string;
  seconds: number;
  llm_calls: number;
  tool_calls: number;
  tokens: { spent: number; saved: number };
  cost_usd: { spent: number | null; saved: number | null };
  misses: string[];
  unplayed: string[];
  violations: string[];
  notes: string[];
  warnings: string[];
  change: string | null;
  /** Which it is, of a test that runs several times. */
  take: { number: number } | null;
  command: string;
  /** Its run, and the comparison with its recording, where they differ. */
  run: string | null;
  comparison: string | null;
}
