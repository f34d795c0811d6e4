import { Skeleton } from "../../ui/Skeleton";
import { Link } from "../go";
import { hrefOf } from "../kit/href";
import type { Health } from "./health";

const meaning = { done: "well", attention: "needs attention", refused: "not well", waiting: "not known", moving: "" };

/// The parts of the system as dots that name their trouble.
export function HealthDots({ all }: { all: readonly Health[] | undefined }) {
  if (!all)
    return (
      <div className="health" aria-busy="true">
        {[0, 1, 2, 3, 4].map((at) => (
          <Skeleton key={at} height={14} />
        ))}
      </div>
    );
  return (
    <ul className="health" aria-label="Health">
      {all.map(({ name, tone, text, to }) => (
        <li key={name}>
          <Link {...hrefOf(to)} className={`dot-card tone-text-${tone}`}>
            <span className="dot" aria-hidden="true" />
            <span>
              <strong>{name}</strong>
              <span className="unseen">: {meaning[tone]}. </span>
              <span className="soft small">{text}</span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
