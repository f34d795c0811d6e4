import { asProblem, type Problem } from "../api/problem";

/// What happened, and what now.
export interface Explained {
  title: string;
  advice: string;
}

const known: Record<string, Explained> = {
  unreachable: {
    title: "The shop cannot be reached",
    advice: "Check your connection. What you see is the last that we knew.",
  },
  unauthenticated: { title: "You are signed out", advice: "Sign in again to go on." },
  forbidden: { title: "This is not for you", advice: "Your account does not have the role that this needs." },
  not_found: { title: "There is nothing here", advice: "It may have been removed, or it belongs to somebody else." },
  rate_limited: { title: "Too many tries", advice: "Wait a moment, then try again." },
  overloaded: { title: "Very busy now", advice: "Nothing was changed. Try again in a moment." },
  unavailable: { title: "Not available now", advice: "Nothing was lost. Try again in a moment." },
  insufficient_stock: { title: "There is not enough in stock", advice: "Nothing was changed. Take less of it." },
  illegal_transition: {
    title: "It is too late for that",
    advice: "It has gone on meanwhile; what you see now is how it stands.",
  },
  version_mismatch: {
    title: "Somebody else was faster",
    advice: "It changed meanwhile. Look at it again before you change it.",
  },
};

export function explain(thrown: unknown): Explained {
  const problem = asProblem(thrown);
  return (
    known[problem.code] ?? {
      title: "That did not work",
      advice: sentence(problem.errors[0]?.detail ?? problem.message),
    }
  );
}

/// "the name is too long" as a sentence.
export const sentence = (text: string) =>
  text && `${text[0]?.toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

/// The field of a body that a JSON pointer leads to or into: "types" of "/types/0".
export const fieldOf = (pointer: string) => pointer.split("/")[1] ?? "";

/// What is wrong with a field, as a sentence; undefined when nothing is.
export function wrongAt(problem: Problem | undefined, field: string): string | undefined {
  const found = problem?.errors.find(({ pointer }) => fieldOf(pointer) === field);
  return found && sentence(found.detail);
}
