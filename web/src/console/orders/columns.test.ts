import { beforeEach, expect, test, vi } from "vitest";

import { gridOf, layoutOf, savedLayout, saveLayout, usualLayout } from "./columns";

const store = new Map<string, string>();
beforeEach(() => {
  store.clear();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => store.get(name) ?? null,
    setItem: (name: string, value: string) => store.set(name, value),
  });
});

test("columns stand in one order however they were chosen, and never none", () => {
  expect(layoutOf(["total", "id", "no such"], true)).toEqual({ columns: ["id", "total"], isDense: true });
  expect(layoutOf([], false)).toEqual(usualLayout);
  expect(gridOf(["id", "total"])).toBe("5rem 7rem");
});

test("what was chosen is kept, and what another program left is as good as nothing", () => {
  saveLayout(layoutOf(["id", "address"], true));
  expect(savedLayout()).toEqual({ columns: ["id", "address"], isDense: true });
  for (const left of ["{", "[]", "5", '{"columns":5}', "null"]) {
    store.set("waybill.console.columns", left);
    expect(savedLayout()).toEqual(usualLayout);
  }
});
