import { exactTime, relativeTime } from "../words/times";

/// A time for people; the exact one with its zone where one points at it.
export const Time = ({ at, text }: { at: string; text?: string }) => (
  <time dateTime={at} title={exactTime(at)}>
    {text ?? relativeTime(at)}
  </time>
);
