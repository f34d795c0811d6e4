import { expect, test } from "vitest";

import { operatorReasonText } from "./operator";

test("a reason is words: names of steps and codes of the provider as well", () => {
  expect(operatorReasonText("capture_payment: the payment provider refused: capture_failed")).toBe(
    "Capture payment: the payment provider refused: capture failed.",
  );
  expect(operatorReasonText("card_expired")).toMatch(/^card expired\.$/i);
  // One that is known has words of its own.
  expect(operatorReasonText("out_of_stock")).toBe("There was not enough in stock.");
  expect(operatorReasonText("paid at the counter")).toBe("Paid at the counter.");
});
