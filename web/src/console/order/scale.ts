/// What of the time is shown.
export interface View {
  from: number;
  to: number;
}

/// Where a moment lies in the view: 0 at its beginning, 1 at its end; outside of it less or more.
export const placeOf = ({ from, to }: View, at: number) => (at - from) / Math.max(to - from, 1);

/// A bar in the view, in parts of its width; undefined when nothing of it is seen.
export function barOf(view: View, from: number, to: number): { left: number; width: number } | undefined {
  const left = placeOf(view, from);
  const right = placeOf(view, to);
  if (right < 0 || left > 1) return undefined;
  const seen = Math.max(left, 0);
  return { left: seen, width: Math.min(right, 1) - seen };
}

/// Round steps for a scale, from milliseconds to days.
const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
  3_600_000, 7_200_000, 21_600_000, 86_400_000,
];

/// Moments for the scale's marks, at most `most` of them, counted from `zero`.
export function marksOf({ from, to }: View, zero: number, most = 6): number[] {
  const step = steps.find((one) => (to - from) / one <= most) ?? Math.ceil((to - from) / most);
  const marks = [];
  for (let at = zero + Math.ceil((from - zero) / step) * step; at <= to; at += step) marks.push(at);
  return marks;
}

/// The part of the view between two places, at least 10 ms of it.
export function zoomed(view: View, one: number, other: number): View {
  const [left, right] = one < other ? [one, other] : [other, one];
  const length = view.to - view.from;
  const from = view.from + Math.max(left, 0) * length;
  return { from, to: Math.max(view.from + Math.min(right, 1) * length, from + 10) };
}

/// "0", "200 ms", "1.5 s", "2 min".
export function markText(ms: number): string {
  const units: [number, string][] = [
    [3_600_000, "h"],
    [60_000, "min"],
    [1000, "s"],
    [1, "ms"],
  ];
  const [size, name] = units.find(([one]) => Math.abs(ms) >= one) ?? [1, ""];
  return `${Number((ms / size).toFixed(2))} ${name}`.trim();
}
