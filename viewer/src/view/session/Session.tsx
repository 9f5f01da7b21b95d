import type { Bundle, Session as Tests } from "../../core/data";

export interface SessionProps {
  session: Tests;
  bundle: Bundle;
}

/** The tests of a session, each with its run. */
export function Session({ session }: SessionProps) {
  return <section class="session" aria-label="Tests">{session.tests.length}</section>;
}
