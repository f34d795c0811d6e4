import { Time } from "../../ui/Time";
import { Link } from "../go";
import { hrefOf } from "../kit/href";
import type { Trouble } from "./health";
import { mostOfAStatus } from "./use-facts";

/// What a person should look at: what it is, why, since when, and where to mend it.
export function Attention({ trouble, isMore }: { trouble: readonly Trouble[]; isMore: boolean }) {
  if (trouble.length === 0)
    return (
      <p className="all-well">
        <span className="badge tone-done">All is well</span>{" "}
        <span className="soft">What needs a person comes here by itself.</span>
      </p>
    );
  return (
    <>
      <ul className="trouble">
        {trouble.map(({ title, cause, action, to, since, rank }) => (
          <li key={title + cause} className={rank < 3 ? "grave" : ""}>
            <div>
              <strong>{title}</strong>
              <span className="soft">{cause}</span>
            </div>
            {since && (
              <span className="soft small">
                since <Time at={since} />
              </span>
            )}
            <Link {...hrefOf(to)} className="button">
              {action}
            </Link>
          </li>
        ))}
      </ul>
      {isMore && (
        <p className="soft small">These are the oldest {mostOfAStatus} orders that need attention; there are more.</p>
      )}
    </>
  );
}
