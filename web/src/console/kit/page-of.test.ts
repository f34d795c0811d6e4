import { expect, test } from "vitest";

import { pageOf } from "./page-of";

test("an id leads to the page of what it names, where there is one", () => {
  expect(pageOf("ord_06h2")).toBe("/orders/ord_06h2");
  expect(pageOf("snk_06h2")).toBe("/sinks/snk_06h2");
  expect(pageOf("fun_calculate-total")).toBe("/functions/calculate-total");
  expect(pageOf("trg_thank-you")).toBe("/functions/thank-you");
  expect(pageOf("pay_06h2")).toBeUndefined();
  expect(pageOf("nothing")).toBeUndefined();
});
