import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** The text that is looked for in the message around; empty where none is. It is shown wherever it stands, folded or not. */
export const Sought = createContext("");

/** Whether a text holds what is looked for. */
export function useSought(): (text: string) => boolean {
  const sought = useContext(Sought).toLowerCase();
  return (text) => sought !== "" && text.toLowerCase().includes(sought);
}
