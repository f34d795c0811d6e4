// Times as a person reads them: relative, and exact where one points at them, always with the zone.

const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

export const exactTime = (time: string) => exact.format(new Date(time));

export const clockTime = (time: string) => clock.format(new Date(time));

/// "just now", "5 min ago", "today 14:05", "3 Nov".
export function relativeTime(time: string, now = new Date()): string {
  const at = new Date(time);
  const seconds = (now.getTime() - at.getTime()) / 1000;
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (at.toDateString() === now.toDateString()) return `today ${clock.format(at)}`;
  return (at.getFullYear() === now.getFullYear() ? day : dayOfYear).format(at);
}
