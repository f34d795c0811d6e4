import { expect, test } from "vitest";

import { rightsOf } from "./rights";

test("an observer looks, an operator acts, and an admin does all", () => {
  expect(rightsOf(["observer", "customer"])).toEqual({ mayChange: false, isAdmin: false });
  expect(rightsOf(["operator"])).toEqual({ mayChange: true, isAdmin: false });
  expect(rightsOf(["observer", "operator"])).toEqual({ mayChange: true, isAdmin: false });
  expect(rightsOf(["admin"])).toEqual({ mayChange: true, isAdmin: true });
  expect(rightsOf([])).toEqual({ mayChange: false, isAdmin: false });
});
