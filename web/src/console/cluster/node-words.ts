import type { Schema } from "../../api/client";
import type { Tone } from "../../words/orders";
import { durationText } from "../../words/times";

type Node = Schema["ClusterNode"];

export function stateOf({ state, reachable, suspects }: Pick<Node, "state" | "reachable" | "suspects">): {
  text: string;
  tone: Tone;
} {
  if (state === "dead") return { text: "Dead", tone: "refused" };
  if (state === "joining") return { text: "Joining", tone: "moving" };
  if (state === "leaving") return { text: "Handing over", tone: "moving" };
  if (!reachable) return { text: "Cannot be reached", tone: "refused" };
  if (suspects.length > 0) return { text: "Has lost others", tone: "attention" };
  return state === "up" ? { text: "Up", tone: "done" } : { text: state, tone: "waiting" };
}

/// A node may act while its lease holds.
export function leaseText(until: string | null, now: number): string {
  if (!until) return "none needed: it is alone";
  const left = Date.parse(until) - now;
  return left >= 0 ? `holds for ${durationText(left)}` : `ran out ${durationText(-left)} ago`;
}
