import { durationText, type TimeLeft } from "./time-left";

const few = 10;

/// The time that is left, as a ring that empties.
export const Ring = ({ left: { seconds, share } }: { left: TimeLeft }) => (
  <svg
    className={`ring ${seconds <= few ? "few" : ""}`}
    viewBox="0 0 80 80"
    role="img"
    aria-label={`${durationText(seconds)} left to answer`}>
    <circle cx="40" cy="40" r="35" className="track" />
    <circle
      cx="40"
      cy="40"
      r="35"
      className="rest"
      pathLength={1}
      strokeDasharray="1"
      strokeDashoffset={1 - share}
      transform="rotate(-90 40 40)"
    />
    <text x="40" y="41" textAnchor="middle" dominantBaseline="middle" aria-hidden="true">
      {seconds}
    </text>
  </svg>
);
