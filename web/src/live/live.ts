import { node } from "../api/node";
import { accessToken, currentWho, renew, watchToken, watchWho } from "../session/session";
import { LiveConnection } from "./connection";

/// The page's connection.
export const live = new LiveConnection({
  open: () => new WebSocket(node.replace(/^http/, "ws") + "/v1/ws", "waybill.v1"),
  token: accessToken,
  renew,
});

watchToken((token) => live.show(token));
/// Another person has other rights.
let seenBy = "";
watchWho(() => {
  const who = currentWho();
  const id = who.state === "signed_in" ? who.user.id : "";
  if (seenBy && id !== seenBy) live.restart();
  seenBy = id;
});
if (typeof document !== "undefined") {
  document.addEventListener("visibilitychange", () => live.hide(document.hidden));
  addEventListener("online", () => live.retryNow());
}
