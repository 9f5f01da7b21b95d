import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Test } from "../../core/data";
import { compact, cost, count, duration } from "../../core/format";
import { costOf, failed, tokensOf, tone } from "../../core/session";
import { PlainText } from "../detail/PlainText";
import { useCopy, useNavigation } from "../hooks";
import { Icon } from "../icons";
import { Line } from "../Text";

/** A test: its name opens its run, or what its run did differently. */
export function TestRow({ test }: { test: Test }): JSX.Element {
  const [open, setOpen] = useState(false);
  const navigation = useNavigation();
  const [file, name] = split(test.test);
  const more = hasMore(test);
  const go = () => {
    if (test.comparison !== null) navigation.openComparison(test.comparison);
    else if (test.run !== null) navigation.openRun(test.run);
    else setOpen(true);
  };
  return (
    <div role="row" class="test" data-failed={failed(test)}>
      <div class="test-line" role="presentation">
        <span role="cell" class="test-cell" data-column="test">
          <button class="test-more" aria-expanded={open} onClick={() => setOpen(!open)} aria-label={`More of ${name}`}>
            <Icon name={open ? "down" : "right"} />
          </button>
          <button class="test-name" onClick={go} title={test.comparison !== null ? "Open what its run did differently" : test.run !== null ? "Open its run" : undefined}>
            {file !== "" && (
              <span class="test-file">
                <Line value={file} />
              </span>
            )}
            <Line value={name} />
            {test.take != null && <span class="test-take"> take {count(test.take.number)}</span>}
          </button>
        </span>
        <Word column="result" value={test.result} />
        <Word column="verdict" value={test.verdict} />
        <Figure column="calls" value={count(test.llm_calls + test.tool_calls)} title={`${count(test.llm_calls)} model calls, ${count(test.tool_calls)} tool calls`} />
        <Figure column="tokens" value={compact(tokensOf(test))} title={`${count(test.tokens.spent)} spent, ${count(test.tokens.saved)} saved`} />
        <Figure column="cost" value={cost(costOf(test))} title={`${cost(test.cost_usd.spent)} spent, ${cost(test.cost_usd.saved)} saved`} />
        <Figure column="seconds" value={duration(test.seconds * 1000)} />
      </div>
      {(more || open) && (
        <div role="cell" class="test-told">
          <Told test={test} open={open} />
        </div>
      )}
    </div>
  );
}

/** The file, and what is in it. */
function split(test: string): [file: string, name: string] {
  const at = test.indexOf("::");
  return at < 0 ? ["", test] : [test.slice(0, at + 2), test.slice(at + 2)];
}

function hasMore(test: Test): boolean {
  return test.reason !== null || test.change !== null || test.misses.length + test.violations.length + test.unplayed.length + test.warnings.length > 0;
}

function Word({ column, value }: { column: string; value: string }): JSX.Element {
  return (
    <span role="cell" class="test-cell" data-column={column}>
      <span class="badge" data-tone={tone(value) ?? undefined}>
        <Line value={value} most={30} />
      </span>
    </span>
  );
}

function Figure({ column, value, title }: { column: string; value: string; title?: string }): JSX.Element {
  return (
    <span role="cell" class="test-cell test-figure" data-column={column} title={title}>
      {value}
    </span>
  );
}

interface Saying {
  word: string;
  texts: readonly string[];
  tone?: "error" | "warn";
}

/** What is to be said of a test; the worst of it and what changed while it is closed. */
function sayings(test: Test, open: boolean): Saying[] {
  const one = (text: string | null) => (text === null ? [] : [text]);
  const bad: Saying[] = [
    { word: "failed", texts: one(test.reason), tone: "error" },
    { word: "over budget", texts: test.violations, tone: "error" },
    { word: "missed", texts: test.misses, tone: "error" },
    { word: "not played", texts: test.unplayed, tone: "warn" },
  ];
  const rest: Saying[] = [
    { word: "changed", texts: one(test.change), tone: "warn" },
    { word: "warning", texts: test.warnings, tone: "warn" },
    { word: "note", texts: test.notes },
  ];
  const said = (all: Saying[]) => all.filter(({ texts }) => texts.length > 0);
  return open ? said([...bad, ...rest]) : [...said(bad).slice(0, 1), ...said(rest.slice(0, 2))];
}

function Told({ test, open }: { test: Test; open: boolean }): JSX.Element {
  return (
    <>
      {sayings(test, open).map(({ word, texts, tone: how }) => (
        <div key={word} class="test-say">
          <span class="test-word" data-tone={how}>
            {word}
            {!open && texts.length > 1 && ` (${texts.length})`}
          </span>
          {open ? (
            <div>
              {texts.map((text, index) => (
                <PlainText key={index} value={text} />
              ))}
            </div>
          ) : (
            <span class="test-short">
              <Line value={texts[0]?.split("\n", 1)[0] ?? ""} />
            </span>
          )}
        </div>
      ))}
      {open && <Ways test={test} />}
    </>
  );
}

function Ways({ test }: { test: Test }): JSX.Element {
  const navigation = useNavigation();
  const { run, comparison } = test;
  return (
    <>
      <Command value={test.command} what="records it again" />
      <div class="test-ways">
        {comparison !== null && (
          <button class="button" onClick={() => navigation.openComparison(comparison)}>
            What it did differently
          </button>
        )}
        {run !== null && (
          <button class="button" onClick={() => navigation.openRun(run)}>
            Its run
          </button>
        )}
        <span class="dim">
          mode <Line value={test.mode} most={40} />, <Line value={test.cassette === "" ? "no cassette" : test.cassette} />
        </span>
      </div>
    </>
  );
}

/** A command to be run elsewhere. */
export function Command({ value, what }: { value: string; what: string }): JSX.Element {
  const copy = useCopy();
  return (
    <div class="command">
      <code>
        <Line value={value} most={2000} />
      </code>
      <button class="button quiet" onClick={() => copy(value, "Command")} title={`Copy the command that ${what}`} aria-label={`Copy the command that ${what}`}>
        <Icon name="copy" />
      </button>
    </div>
  );
}
