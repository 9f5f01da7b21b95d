import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { addressOf } from "../../core/markdown";
import { useCopy } from "../hooks";
import { Text } from "../Text";

/** Around what others wrote: a link in it is followed only after its whole address has been shown. */
export function Leaving({ children }: { children: ComponentChildren }): JSX.Element {
  const [address, setAddress] = useState<string | null>(null);
  const ask = (event: Event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-address]") : null;
    if (link === null || (event instanceof KeyboardEvent && event.key !== "Enter")) return;
    event.preventDefault();
    setAddress(addressOf(link.dataset["address"] ?? ""));
  };
  return (
    <div class="leaving-around" onClick={ask} onKeyDown={ask}>
      {children}
      {address !== null && <Question address={address} onClose={() => setAddress(null)} />}
    </div>
  );
}

function Question({ address, onClose }: { address: string; onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const copy = useCopy();
  useEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();
  return (
    <dialog class="leaving" ref={dialog} onClose={onClose} onKeyDown={(event) => event.stopPropagation()} aria-label="Leave this page?">
      <p>Somebody else wrote this link. It leads to</p>
      <p class="leaving-address">
        <Text value={address} />
      </p>
      <div class="leaving-ways">
        <a class="button" href={address} target="_blank" rel="noopener noreferrer" referrerpolicy="no-referrer" onClick={close}>
          Open in a new tab
        </a>
        <button class="button" onClick={() => copy(address, "Address")}>
          Copy
        </button>
        <button class="button" onClick={close}>
          Stay here
        </button>
      </div>
    </dialog>
  );
}
