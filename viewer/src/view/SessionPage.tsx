import { useNavigation } from "./hooks";
import { Problem } from "./States";
import { Session } from "./session/Session";
import { TopBar } from "./TopBar";

/** The tests of a session. */
export function SessionPage({ onHelp }: { onHelp: () => void }) {
  const { bundle } = useNavigation();
  return (
    <div class="page">
      <TopBar title={bundle.title} onHelp={onHelp} />
      <main class="main">{bundle.session === null ? <Problem text="This page holds no test session." /> : <Session session={bundle.session} bundle={bundle} />}</main>
    </div>
  );
}
