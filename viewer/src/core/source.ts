/** Where a page gets its data from: out of itself, or from the server that gave it. */

import type { Bundle, Changes, Comparison, Details, Findings, Run } from "./data";
import type { Server } from "./live";

export interface Source {
  /** The server that the page came from; null for a page that holds its data. */
  readonly server: (Server & Searcher) | null;
  bundle(): Promise<Bundle>;
  run(key: string): Promise<Run>;
  details(key: string): Promise<Details>;
  comparison(key: string): Promise<Comparison>;
}

export interface Searcher {
  /** Search in all that was said, from a run on. */
  search(text: string, from: number, signal: AbortSignal): Promise<Findings>;
}

/** What the page itself holds, in script elements that are never run: `bundle`, `run:KEY`, `details:KEY`, `comparison:KEY`. */
export class EmbeddedSource implements Source {
  readonly server = null;

  bundle(): Promise<Bundle> {
    return embedded("bundle");
  }

  run(key: string): Promise<Run> {
    return embedded(`run:${key}`);
  }

  details(key: string): Promise<Details> {
    return embedded(`details:${key}`);
  }

  comparison(key: string): Promise<Comparison> {
    return embedded(`comparison:${key}`);
  }
}

/** A server of `replay ui`, beneath whose address the same pieces are. */
export class ServerSource implements Source, Server, Searcher {
  readonly server = this;

  bundle(): Promise<Bundle> {
    return fetched("api/bundle");
  }

  run(key: string): Promise<Run> {
    return fetched(`api/runs/${encodeURIComponent(key)}`);
  }

  details(key: string): Promise<Details> {
    return fetched(`api/runs/${encodeURIComponent(key)}/details`);
  }

  comparison(key: string): Promise<Comparison> {
    return fetched(`api/comparisons/${encodeURIComponent(key)}`);
  }

  changes(since: string): Promise<Changes> {
    return fetched(`api/changes?since=${encodeURIComponent(since)}`);
  }

  listen(since: string, heard: (changes: Changes) => void, failed: () => void): () => void {
    const events = new EventSource(`api/events?since=${encodeURIComponent(since)}`);
    events.onmessage = ({ data }: MessageEvent<string>) => heard(JSON.parse(data) as Changes);
    events.onerror = failed;
    return () => events.close();
  }

  search(text: string, from: number, signal: AbortSignal): Promise<Findings> {
    return fetched(`api/search?q=${encodeURIComponent(text)}&from=${from}`, signal);
  }
}

export function sourceOf(page: Document): Source {
  return page.getElementById("bundle") === null ? new ServerSource() : new EmbeddedSource();
}

async function embedded<T>(id: string): Promise<T> {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`this page has no ${id}`);
  const text = element.textContent ?? "";
  return JSON.parse(element.dataset["encoding"] === "gzip" ? await unpacked(text) : text) as T;
}

async function unpacked(base64: string): Promise<string> {
  const packed = atob(base64);
  const bytes = new Uint8Array(packed.length);
  // Letter by letter: Uint8Array.from would take ten times as long, most of what it takes to open a large run.
  for (let index = 0; index < packed.length; index++) bytes[index] = packed.charCodeAt(index);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

async function fetched<T>(path: string, signal: AbortSignal | null = null): Promise<T> {
  const answer = await fetch(path, { signal });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as T;
}
