import { useEffect, useRef } from "react";

export interface Shortcut {
  /// As `KeyboardEvent.key` has them, one after the other: "g o", "/", "Enter".
  keys: string;
  /// What it does, for the list that `?` shows.
  text: string;
  run: () => void;
}

/// So long a first key waits for its second one, in milliseconds.
const patience = 1200;

/// The shortcuts of a page, and which of them a key means.
export class Shortcuts {
  private groups: (readonly Shortcut[])[] = [];
  private begun = "";
  private at = 0;

  /// Returns what removes them.
  add(group: readonly Shortcut[]): () => void {
    this.groups = [...this.groups, group];
    return () => {
      this.groups = this.groups.filter((one) => one !== group);
    };
  }

  all = (): Shortcut[] => this.groups.flat();

  /// Whether the key meant something. `at` in milliseconds.
  press(key: string, at: number): boolean {
    const begun = at - this.at < patience ? this.begun : "";
    this.begun = "";
    this.at = at;
    return (begun !== "" && this.take(`${begun} ${key}`)) || this.take(key);
  }

  private take(keys: string): boolean {
    const latestFirst = this.all().reverse();
    const shortcut = latestFirst.find((one) => one.keys === keys);
    if (shortcut) {
      shortcut.run();
      return true;
    }
    if (!latestFirst.some((one) => one.keys.startsWith(`${keys} `))) return false;
    this.begun = keys;
    return true;
  }
}

export const shortcuts = new Shortcuts();

/// Who writes, chooses or answers a dialog means the key for that.
const isTaken = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest("input:not([type=checkbox]), textarea, select, dialog") !== null);
/// What these do by themselves stays so.
const isActive = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest("a, button, summary") !== null;

if (typeof document !== "undefined")
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // The keys of an element lie behind its border.
    const target = event.composedPath()[0] ?? event.target;
    if (isTaken(target) || (event.key === "Enter" && isActive(target)) || document.querySelector("dialog[open]"))
      return;
    if (shortcuts.press(event.key, event.timeStamp)) event.preventDefault();
  });

/// Has shortcuts while the component is shown. Their keys and texts stay; what they do may change.
export function useShortcuts(list: readonly Shortcut[]) {
  const latest = useRef(list);
  useEffect(() => {
    latest.current = list;
  });
  const key = list.map(({ keys }) => keys).join();
  useEffect(
    () =>
      shortcuts.add(
        latest.current.map(({ keys, text }, index) => ({ keys, text, run: () => latest.current[index]?.run() })),
      ),
    [key],
  );
}
