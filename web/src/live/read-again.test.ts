import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test } from "vitest";

import { readAgain } from "./use-read-again";

/// Readings that the test answers, in any order.
function readings() {
  const answers: ((value: string) => void)[] = [];
  return { answers, read: () => new Promise<string>((answer) => answers.push(answer)) };
}
const turn = () => new Promise((done) => setTimeout(done));

for (const isFirst of [true, false])
  test(`what happens during a reading is not lost: ${isFirst ? "the first one" : "a later one"}`, async () => {
    const cache = new QueryClient();
    const { answers, read } = readings();
    const observer = new QueryObserver(cache, { queryKey: ["orders", "list"], queryFn: read });
    observer.subscribe(() => undefined);
    if (!isFirst) {
      answers[0]?.("placed");
      await turn();
      void cache.invalidateQueries({ queryKey: ["orders"] });
    }
    const underWay = answers.length - 1;
    void readAgain(cache, ["orders"]);
    await turn();
    expect(answers.length).toBe(underWay + 2);
    answers[underWay + 1]?.("completed");
    await turn();
    answers[underWay]?.("placed");
    await turn();
    expect(observer.getCurrentResult().data).toBe("completed");
  });
