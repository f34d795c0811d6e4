import { useId } from "react";

import type { Tone } from "../../words/orders";

export interface Line {
  name: string;
  tone: Tone | "accent";
  /// By time, all lines alike; null where nothing is known.
  values: readonly (number | null)[];
}

interface Properties {
  /// What a screen reader says instead of the picture.
  label: string;
  lines: readonly Line[];
  /// What stands at the left and the right end of the time axis.
  from: string;
  to: string;
  /// The highest value in words.
  valueText: (value: number) => string;
}

const width = 600;
const height = 120;

/// 1, 2 or 5 times a power of ten: an axis that does not jump with each value.
export function ceiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

/// One path; what is not known is a gap.
export function pathOf(values: readonly (number | null)[], top: number): string {
  const step = width / Math.max(values.length - 1, 1);
  let path = "";
  let isDown = false;
  for (const [index, value] of values.entries()) {
    if (value !== null)
      path += `${isDown ? "L" : "M"}${(index * step).toFixed(1)} ${(height - (value / top) * height).toFixed(1)}`;
    isDown = value !== null;
  }
  return path;
}

/// A few lines over time, as one SVG path each.
export function Chart({ label, lines, from, to, valueText }: Properties) {
  const id = useId();
  const top = ceiling(Math.max(...lines.flatMap(({ values }) => values.filter((value) => value !== null)), 0));
  return (
    <figure className="chart">
      <div className="chart-area">
        <span className="chart-top number" aria-hidden="true">
          {valueText(top)}
        </span>
        <svg viewBox={`0 -2 ${width} ${height + 4}`} preserveAspectRatio="none" role="img" aria-labelledby={id}>
          <title id={id}>{label}</title>
          <path className="chart-grid" d={`M0 0H${width}M0 ${height / 2}H${width}M0 ${height}H${width}`} />
          {lines.map(({ name, tone, values }) => (
            <path key={name} className={`chart-line line-${tone}`} d={pathOf(values, top)} />
          ))}
        </svg>
      </div>
      <figcaption>
        <span>{from}</span>
        <span className="row">
          {lines.map(({ name, tone }) => (
            <span key={name} className={`chart-key line-${tone}`}>
              {name}
            </span>
          ))}
        </span>
        <span>{to}</span>
      </figcaption>
    </figure>
  );
}
