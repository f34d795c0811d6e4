import { Time } from "../../ui/Time";
import { sentence } from "../../words/problems";
import { Link } from "../go";
import { invariantText, placeOf, type Violation } from "./audit";

/// What contradicts itself, each with the place where one can look at it.
export const Violations = ({ all }: { all: readonly Violation[] }) => (
  <ul className="trouble violations">
    {all.map(({ invariant, subject, detail, found_at }) => {
      const place = placeOf(subject);
      return (
        <li key={invariant + subject + detail} className="grave">
          <div>
            <strong>{sentence(detail)}</strong>
            <span className="soft">
              {invariant}: {invariantText(invariant)}
            </span>
            <code className="soft small">{subject}</code>
          </div>
          <span className="soft small">
            found <Time at={found_at} />
          </span>
          {place && (
            <Link {...place} className="button">
              Look at it
            </Link>
          )}
        </li>
      );
    })}
  </ul>
);
