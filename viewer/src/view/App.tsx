import { useEffect, useMemo, useState } from "preact/hooks";
import { addressOf } from "../core/address";
import type { Bundle } from "../core/data";
import { keyOf, Keys } from "../core/keys";
import { follow } from "../core/live";
import { Navigation } from "../core/navigation";
import { Shelf } from "../core/shelf";
import type { Source } from "../core/source";
import { ComparePage } from "./ComparePage";
import { Help } from "./Help";
import { PageContext, useKeys, useLoaded, usePlace, type Page } from "./hooks";
import { LibraryPage } from "./LibraryPage";
import { RunPage } from "./RunPage";
import { SessionPage } from "./SessionPage";
import { Problem, Waiting } from "./States";

/** The page: loads what it shows, then shows where the reader is. */
export function App({ source }: { source: Source }) {
  const bundle = useLoaded("bundle", () => source.bundle());
  if (bundle.state === "loading") return <Waiting what="the page" />;
  if (bundle.state === "failed") return <Problem text={bundle.problem} />;
  return <Shown bundle={bundle.value} source={source} />;
}

function Shown({ bundle, source }: { bundle: Bundle; source: Source }) {
  const [said, setSaid] = useState({ text: "", count: 0 });
  const page = useMemo(
    (): Page => ({
      navigation: new Navigation(bundle, addressOf(window)),
      shelf: shelfOf(bundle, source),
      keys: new Keys(),
      say: (text) => setSaid(({ count }) => ({ text, count: count + 1 })),
    }),
    [bundle, source],
  );
  useEffect(() => {
    if (source.server === null) return;
    let there = true;
    return follow(source.server, bundle, {
      tell: (next) => {
        page.shelf.renew(next);
        page.navigation.renew(next);
      },
      reached: (is) => {
        if (is !== there) page.say(is ? "The server is back" : "The server cannot be reached; what is shown stays");
        there = is;
      },
    });
  }, [page]);
  useEffect(() => {
    if (!bundle.live || source.server !== null) return;
    // A server that cannot be reached for a while is asked again.
    const timer = setInterval(() => source.bundle().then((next) => page.navigation.renew(next), () => undefined), 2000);
    return () => clearInterval(timer);
  }, [page]);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const key = keyOf(event);
      if (key !== null && page.keys.press(key)) event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [page]);
  return (
    <PageContext.Provider value={page}>
      <Place />
      <Notice key={said.count} text={said.text} />
    </PageContext.Provider>
  );
}

function shelfOf(bundle: Bundle, source: Source): Shelf {
  const shelf = new Shelf(source);
  shelf.renew(bundle);
  return shelf;
}

function Place() {
  const place = usePlace();
  const [help, setHelp] = useState(false);
  useKeys([{ keys: ["?"], what: "these keys", group: "Page", run: () => setHelp(true) }]);
  const shown = { onHelp: () => setHelp(true) };
  return (
    <>
      {place.view === "run" && <RunPage key={place.key} run={place.key ?? ""} {...shown} />}
      {place.view === "compare" && <ComparePage key={place.key} comparison={place.key ?? ""} {...shown} />}
      {place.view === "session" && <SessionPage {...shown} />}
      {place.view === "library" && <LibraryPage {...shown} />}
      {help && <Help onClose={() => setHelp(false)} />}
    </>
  );
}

/** A word in passing, at the foot of the page, for a few seconds. */
function Notice({ text }: { text: string }) {
  const [shown, setShown] = useState(text !== "");
  useEffect(() => {
    const timer = setTimeout(() => setShown(false), 4000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="notice" role="status" data-shown={shown}>
      {shown ? text : ""}
    </div>
  );
}
