import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { asProblem } from "../../api/problem";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { Refused } from "../../ui/Refused";
import { sentence } from "../../words/problems";
import { exampleInput, lineOf, resultText, verdictOf } from "./words";

type Function = Schema["Function"];
/// Where a call failed.
export interface Failed {
  line: number;
  version: number;
}

function Failure({ source, thrown }: { source: string; thrown: unknown }) {
  const problem = asProblem(thrown);
  if (problem.code === "invalid_json") return null;
  if (problem.code !== "function_failed") return <Refused problem={problem} />;
  return (
    <div className="notice tone-refused" role="alert">
      <strong>The function failed</strong>
      <span>{sentence(problem.message)}</span>
      {problem.line && (
        <code>
          {problem.line}: {lineOf(source, problem.line)}
        </code>
      )}
    </div>
  );
}

function Result({ result, isGuard }: { result: string; isGuard: boolean }) {
  return (
    <div className="notice tone-done" role="status">
      <strong>It returned</strong>
      <pre tabIndex={0} aria-label="What it returned">
        {result}
      </pre>
      {isGuard && <span>{verdictOf(result)}</span>}
    </div>
  );
}

/// Calls a function with an input. A call changes nothing.
export function TryIt({ of, onFailed }: { of: Function; onFailed: (failed: Failed | undefined) => void }) {
  const [input, setInput] = useState(() => exampleInput(of));
  const call = useMutation({
    mutationFn: async ({ text }: { text: string; called: Function }) =>
      resultText(
        await get(
          api.POST("/v1/functions/{id}/invoke", {
            params: { path: { id: of.name } },
            // As it was written: a browser would round large numbers.
            body: text,
            bodySerializer: (body) => body as string,
            parseAs: "text",
          }),
        ),
      ),
    onMutate: () => onFailed(undefined),
    onError: (thrown, { called }) => {
      const { line } = asProblem(thrown);
      onFailed(line ? { line, version: called.current_version } : undefined);
    },
  });
  function send(event: FormEvent) {
    event.preventDefault();
    if (!call.isPending) call.mutate({ text: input, called: of });
  }
  const refused = call.error ? asProblem(call.error) : undefined;
  return (
    <section className="card stack" aria-labelledby="try-it">
      <h2 id="try-it">Try it</h2>
      <form className="stack" onSubmit={send}>
        <Field
          label="Input"
          lines={8}
          required
          className="program"
          value={input}
          onChange={({ target }) => setInput(target.value)}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          wrong={refused?.code === "invalid_json" ? sentence(refused.message) : undefined}
          hint="JSON. A call changes nothing, and tells nobody anything."
        />
        <div>
          <Button type="submit" busy={call.isPending}>
            Call version {of.current_version}
          </Button>
        </div>
      </form>
      {call.error && <Failure source={call.variables.called.source} thrown={call.error} />}
      {call.data !== undefined && <Result result={call.data} isGuard={Boolean(call.variables.called.guard)} />}
    </section>
  );
}
