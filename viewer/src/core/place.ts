/** Where a reader is: all that a link must say so that another sees the same. It stands in the hash of the address. */

export type View = "run" | "compare" | "session" | "library";
export type AxisMode = "fit" | "selection" | "whole";
export type Edge = "start" | "end";

export interface Place {
  view: View;
  /** The key of the run or of the comparison. */
  key: string | null;
  /** The selected step. */
  span: number | null;
  /** While travelling through time: the moment is the start or the end of the selected step. */
  at: Edge | null;
  /** The tab of the pane on the right. */
  tab: string | null;
  filter: string;
  /** Only what happened between two times, in milliseconds. */
  range: readonly [number, number] | null;
  axis: AxisMode;
  /** Whether idle time is squeezed. */
  gaps: boolean;
  /** The change looked at in a comparison, by its index. */
  change: number | null;
  /** How a comparison is laid out. */
  layout: "split" | "unified" | null;
  /** The column that a list is sorted by; `-` before it turns it round. */
  sort: string | null;
  /** What is looked for in all runs. */
  find: string;
  /** The runs that are chosen to be compared: at most two keys. */
  picked: readonly string[];
}

const NOWHERE: Omit<Place, "view" | "key"> = {
  span: null,
  at: null,
  tab: null,
  filter: "",
  range: null,
  axis: "fit",
  gaps: false,
  change: null,
  layout: null,
  sort: null,
  find: "",
  picked: [],
};

export function placeOf(view: View, key: string | null = null, rest: Partial<Place> = {}): Place {
  return { ...NOWHERE, ...rest, view, key };
}

/** `#/run/KEY?span=3&tab=raw`; what is as usual is left out. */
export function hashOf(place: Place): string {
  const query = new URLSearchParams();
  const say = (name: string, value: string | number | null) => {
    if (value !== null && value !== "") query.set(name, String(value));
  };
  say("span", place.span);
  say("at", place.at);
  say("tab", place.tab);
  say("filter", place.filter);
  say("range", place.range === null ? null : place.range.map((time) => Number(time.toFixed(3))).join("-"));
  say("axis", place.axis === "fit" ? null : place.axis);
  say("gaps", place.gaps ? 1 : null);
  say("change", place.change);
  say("layout", place.layout);
  say("sort", place.sort);
  say("find", place.find);
  say("picked", place.picked.join("~"));
  const path = place.key === null ? place.view : `${place.view}/${place.key}`;
  return query.size > 0 ? `#/${path}?${query}` : `#/${path}`;
}

/** What a hash says; null where it says nothing that can be. A hash comes from anywhere: what is not as it must be is left out. */
export function placeIn(hash: string): Place | null {
  const match = /^#\/(run|compare|session|library)(?:\/([\w.~-]{1,220}))?(?:\?(.{0,4000}))?$/s.exec(hash);
  if (match === null) return null;
  const view = match[1] as View;
  const key = match[2] ?? null;
  if ((view === "run" || view === "compare") !== (key !== null)) return null;
  const query = new URLSearchParams(match[3] ?? "");
  return placeOf(view, key, {
    span: ordinal(query.get("span"), 1),
    at: oneOf(query.get("at"), ["start", "end"]),
    tab: /^[a-z]{1,20}$/.exec(query.get("tab") ?? "")?.[0] ?? null,
    filter: (query.get("filter") ?? "").slice(0, 1000),
    range: rangeIn(query.get("range")),
    axis: oneOf(query.get("axis"), ["fit", "selection", "whole"]) ?? "fit",
    gaps: query.get("gaps") === "1",
    change: ordinal(query.get("change"), 0),
    layout: oneOf(query.get("layout"), ["split", "unified"]),
    sort: /^-?[a-z]{1,20}$/.exec(query.get("sort") ?? "")?.[0] ?? null,
    find: (query.get("find") ?? "").slice(0, 1000),
    picked: /^[\w.~-]{1,220}$/.test(query.get("picked") ?? "") ? (query.get("picked") ?? "").split("~").filter(Boolean).slice(0, 2) : [],
  });
}

function oneOf<T extends string>(given: string | null, known: readonly T[]): T | null {
  return known.find((word) => word === given) ?? null;
}

function ordinal(given: string | null, least: number): number | null {
  const number = /^\d{1,9}$/.test(given ?? "") ? Number(given) : -1;
  return number >= least ? number : null;
}

function rangeIn(given: string | null): readonly [number, number] | null {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)-(\d{1,12}(?:\.\d{1,3})?)$/.exec(given ?? "");
  if (match === null) return null;
  const [from, to] = [Number(match[1]), Number(match[2])];
  return from < to ? [from, to] : null;
}
