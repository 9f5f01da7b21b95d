/** The browser's address bar. */

import type { Address } from "./navigation";

/** Browsers refuse an address that changes hundreds of times a minute, as it would while a key is held down. */
const PAUSE = 150;

export function addressOf(window: Window): Address {
  let waiting: number | undefined;
  let unwritten: string | null = null;
  const flush = () => {
    window.clearTimeout(waiting);
    if (unwritten !== null) window.history.replaceState(null, "", unwritten);
    unwritten = null;
  };
  window.addEventListener("pagehide", flush);
  // A link leads away at once, and back should lead to what was there.
  window.addEventListener("click", flush, true);
  return {
    get hash() {
      return unwritten ?? window.location.hash;
    },
    get page() {
      return window.location.href.replace(/#.*$/s, "");
    },
    write(hash, step) {
      if (step) {
        flush();
        window.history.pushState(null, "", hash);
        return;
      }
      unwritten = hash;
      window.clearTimeout(waiting);
      waiting = window.setTimeout(flush, PAUSE);
    },
    watch(changed) {
      const moved = () => {
        unwritten = null;
        window.clearTimeout(waiting);
        changed();
      };
      window.addEventListener("popstate", moved);
      return () => window.removeEventListener("popstate", moved);
    },
  };
}
