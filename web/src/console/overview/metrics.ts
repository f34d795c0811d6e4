/// Samples of a node's /metrics, in Prometheus' text format.
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export function parseMetrics(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const written of text.split("\n")) {
    const [, name, labels = "", value] = line.exec(written) ?? [];
    if (!name || value === undefined) continue;
    const pairs = [...labels.matchAll(label)].map(([, key = "", text = ""]) => [key, text.replace(/\\(.)/g, "$1")]);
    samples.push({ name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) });
  }
  return samples;
}

/// The sum over all samples of a name that have the labels; undefined when there is none.
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const fitting = samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  return fitting.length > 0 ? fitting.reduce((sum, { value }) => sum + value, 0) : undefined;
}
