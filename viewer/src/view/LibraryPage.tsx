import { useNavigation } from "./hooks";
import { Line } from "./Text";
import { TopBar } from "./TopBar";

/** The runs of the page, and the comparisons made of them. */
export function LibraryPage({ onHelp }: { onHelp: () => void }) {
  const { bundle } = useNavigation();
  return (
    <div class="page">
      <TopBar title={bundle.title} onHelp={onHelp} />
      <main class="main">
        <ul>
          {bundle.runs.map((run) => (
            <li key={run.key}>
              <a href={`#/run/${run.key}`}>
                <Line value={run.name} />
              </a>
            </li>
          ))}
          {bundle.comparisons.map((one) => (
            <li key={one.key}>
              <a href={`#/compare/${one.key}`}>{one.key}</a>
            </li>
          ))}
        </ul>
      </main>
    </div>
  );
}
