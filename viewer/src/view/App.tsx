import { useEffect, useState } from "preact/hooks";
import type { Bundle } from "../core/data";
import type { Source } from "../core/source";

export function App({ source }: { source: Source }) {
  const [bundle, setBundle] = useState<Bundle | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    source.bundle().then(setBundle, (error: unknown) => setProblem(String(error)));
  }, [source]);
  if (problem !== null) return <p role="alert">{problem}</p>;
  if (bundle === null) return <p>Loading…</p>;
  return <h1>{bundle.title}</h1>;
}
