/** Where a page gets its data from: out of itself, or from the server that gave it. */

import type { Bundle, Comparison, Details, Run } from "./data";

export interface Source {
  bundle(): Promise<Bundle>;
  run(key: string): Promise<Run>;
  details(key: string): Promise<Details>;
  comparison(key: string): Promise<Comparison>;
}

/** What the page itself holds, in script elements that are never run: `bundle`, `run:KEY`, `details:KEY`, `comparison:KEY`. */
export class EmbeddedSource implements Source {
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
export class ServerSource implements Source {
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

async function fetched<T>(path: string): Promise<T> {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
