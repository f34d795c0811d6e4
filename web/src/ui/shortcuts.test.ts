import { expect, test, vi } from "vitest";

import { Shortcuts } from "./shortcuts";

test("a sequence is pressed key by key, and others do not get in its way", () => {
  const shortcuts = new Shortcuts();
  const [orders, down] = [vi.fn(), vi.fn()];
  shortcuts.add([
    { keys: "g o", text: "Orders", run: orders },
    { keys: "j", text: "Next", run: down },
  ]);
  expect(shortcuts.press("g", 0)).toBe(true);
  expect(shortcuts.press("o", 100)).toBe(true);
  expect(shortcuts.press("o", 200)).toBe(false);
  expect(shortcuts.press("j", 300)).toBe(true);
  expect([orders.mock.calls.length, down.mock.calls.length]).toEqual([1, 1]);
});

test("who waits too long begins anew, and a wrong second key is a first one", () => {
  const shortcuts = new Shortcuts();
  const [orders, down] = [vi.fn(), vi.fn()];
  shortcuts.add([
    { keys: "g o", text: "Orders", run: orders },
    { keys: "j", text: "Next", run: down },
  ]);
  shortcuts.press("g", 0);
  expect(shortcuts.press("o", 5000)).toBe(false);
  shortcuts.press("g", 6000);
  expect(shortcuts.press("j", 6100)).toBe(true);
  expect([orders.mock.calls.length, down.mock.calls.length]).toEqual([0, 1]);
});

test("what was added last goes first, and what was removed is gone", () => {
  const shortcuts = new Shortcuts();
  const [page, dialog] = [vi.fn(), vi.fn()];
  shortcuts.add([{ keys: "Enter", text: "Open", run: page }]);
  const remove = shortcuts.add([{ keys: "Enter", text: "Do it", run: dialog }]);
  shortcuts.press("Enter", 0);
  remove();
  shortcuts.press("Enter", 1);
  expect([page.mock.calls.length, dialog.mock.calls.length]).toEqual([1, 1]);
  expect(shortcuts.all().map(({ text }) => text)).toEqual(["Open"]);
});
