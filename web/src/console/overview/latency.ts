import { durationText } from "../../words/times";

const names: Record<string, string> = {
  stock: "Stock reserved",
  payment: "Payment authorised",
  payer: "Paid by its payer",
  dispatch: "Dispatched",
  release: "Released after a hold",
  revision: "New lines taken",
  courier: "Brought by a courier",
  settlement: "Payment captured",
  compensation: "Stock and money given back",
  refund: "Refunded",
  operator: "Mended by an operator",
  delivered: "Placed to delivered",
};

/// A step that is not known is shown as it is: the API may have new ones.
export const stepText = (step: string) => names[step] ?? step;

/// "0.4 ms", "12 ms", "1.2 s"; what took longer than can be told: "more than 30 min".
export function timeText(us: number, longestUs: number): string {
  if (us >= longestUs) return `more than ${durationText(longestUs / 1000)}`;
  const ms = us / 1000;
  return ms < 10 ? `${Math.round(ms * 10) / 10} ms` : durationText(ms);
}

/// A millisecond and less is at the left end.
const leastUs = 1_000;

/// Where a time stands on a scale of powers of ten that ends with `mostUs`: from 0 to 1.
export function shareOf(us: number, mostUs: number): number {
  if (us <= leastUs || mostUs <= leastUs) return us >= mostUs ? 1 : 0.02;
  return Math.max(Math.log10(us / leastUs) / Math.log10(mostUs / leastUs), 0.02);
}

export const percentText = (share: number) => `${(Math.min(share, 1) * 100).toFixed(1)}%`;
