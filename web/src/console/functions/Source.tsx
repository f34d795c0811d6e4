import { useEffect, useRef } from "react";

/// The source of a function with its lines counted. `marked`: the line where it failed.
export function Source({ text, name, marked }: { text: string; name: string; marked?: number | undefined }) {
  const line = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (marked) line.current?.scrollIntoView({ block: "nearest" });
  }, [marked]);
  return (
    <pre className="source" tabIndex={0} role="region" aria-label={name}>
      <code>
        {text
          .replace(/\n$/, "")
          .split("\n")
          .map((one, index) =>
            index + 1 === marked ? (
              <mark key={index} ref={line} className="source-line">
                {`${one}\n`}
              </mark>
            ) : (
              <span key={index} className="source-line">
                {`${one}\n`}
              </span>
            ),
          )}
      </code>
    </pre>
  );
}
