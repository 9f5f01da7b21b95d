import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { line } from "../core/format";
import { chooseTheme, currentTheme } from "../core/theme";
import { useKeys, useNavigation } from "./hooks";
import { Icon } from "./icons";
import { Line } from "./Text";

interface Props {
  title: string;
  children?: ComponentChildren;
  onHelp: () => void;
}

/** The top of every view: where one came from, what this is, and what holds everywhere. */
export function TopBar({ title, children, onHelp }: Props) {
  useEffect(() => {
    document.title = `${line(title, 80)} · TraceOps`;
  }, [title]);
  return (
    <header class="top">
      <Ways />
      <h1 class="top-title">
        <Line value={title} />
      </h1>
      {children}
      <span class="top-space" />
      <ThemeButton />
      <button class="button quiet" onClick={onHelp} aria-label="Keys (?)" title="Keys (?)">
        <Icon name="help" />
      </button>
    </header>
  );
}

/** The views above this one. */
function Ways() {
  const navigation = useNavigation();
  const { bundle, place } = navigation;
  const many = bundle.runs.length > 1 || bundle.comparisons.length > 0 || bundle.library !== null;
  return (
    <nav class="ways" aria-label="Views">
      {bundle.session !== null && (
        <a class="way" href="#/session" aria-current={place.view === "session" ? "page" : undefined}>
          Tests
        </a>
      )}
      {many && (
        <a class="way" href="#/library" aria-current={place.view === "library" ? "page" : undefined}>
          Runs
        </a>
      )}
    </nav>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState(currentTheme());
  const other = theme === "dark" ? "light" : "dark";
  const change = () => {
    chooseTheme(other);
    setTheme(other);
  };
  useKeys([{ keys: ["D"], what: "light or dark", group: "Page", run: change }]);
  return (
    <button class="button quiet" onClick={change} aria-label={`Change to ${other} (Shift D)`} title={`Change to ${other} (Shift D)`}>
      <Icon name={theme === "dark" ? "sun" : "moon"} />
    </button>
  );
}
