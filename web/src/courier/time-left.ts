/// A clock that is as right as this needs no correction: the answers' own time has whole seconds only.
const tolerance = 2000;

/// Milliseconds by which the node's clock is ahead of this one, by the header `Date` of an answer that came just now.
export function clockOffset(date: string | null, now: number): number {
  const offset = date ? Date.parse(date) - now : 0;
  return Math.abs(offset) > tolerance ? offset : 0;
}

export interface TimeLeft {
  seconds: number;
  /// Of all the time that there was, from 1 to 0.
  share: number;
}

/// What is left of the time from `since` to `due` (RFC 3339); `now` by the node's clock.
export function timeLeft(since: string, due: string, now: number): TimeLeft {
  const end = Date.parse(due);
  const left = Math.max(end - now, 0);
  const whole = Math.max(end - Date.parse(since), 1);
  return { seconds: Math.ceil(left / 1000), share: Math.min(left / whole, 1) };
}

/// "45 s", "12 min", "1 h 50 min".
export function durationText(seconds: number): string {
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
}
