import { find, make } from "/assets/dom.js";
import { readableJson } from "/assets/money.js";
import { ask, currentToken, onToken, signIn, signOut } from "/assets/session.js";

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// -- live events: comes back after a lost connection and goes on where it was ----------------------------------------

const shownAtMost = 300;
/// "Unauthorized" in IANA's registry of WebSocket close codes.
const unauthorized = 3000;
let last = "latest";
let wait = 500;
let socket;

const say = (frame) => socket.send(JSON.stringify(frame));

function showEvent(event) {
  const line = make("li");
  line.append(make("time", event.occurred_at.slice(11, 23)), make("span", event.type),
              make("span", event.stream, "stream"));
  line.title = readableJson(event.data);
  const list = find("event-list");
  list.prepend(line);
  while (list.childElementCount > shownAtMost) list.lastElementChild.remove();
}

// A connection holds as long as its token; the next one takes its place while it is open.
onToken((token) => {
  if (socket?.readyState === WebSocket.OPEN) say({ type: "auth", token });
});

function follow() {
  const scheme = location.protocol === "https:" ? "wss://" : "ws://";
  socket = new WebSocket(scheme + location.host + "/v1/ws", "waybill.v1");
  socket.onopen = () => {
    wait = 500;
    if (currentToken()) say({ type: "auth", token: currentToken() });
    say({ type: "subscribe", id: "page", after: last });
  };
  socket.onmessage = (message) => {
    const frame = JSON.parse(message.data);
    if (frame.type === "subscribed") {
      last = frame.position;
      find("event-state").textContent = "connected";
    } else if (frame.type === "event") {
      last = frame.event.position;
      showEvent(frame.event);
    }
  };
  socket.onclose = async (event) => {
    find("event-state").textContent = "reconnecting …";
    if (event.code === unauthorized) await signIn().catch(() => {});
    setTimeout(follow, wait);
    wait = Math.min(wait * 2, 10000);
  };
}

// -- who is here -----------------------------------------------------------------------------------------------------

function showWho(me) {
  const button = make("button", "Sign out");
  button.onclick = signOut;
  find("who").replaceChildren(make("span", `Signed in as ${me.email || me.id}`), button);
  // A link carries no token.
  find("without-token")?.remove();
}

// -- scenarios -------------------------------------------------------------------------------------------------------

async function run(number) {
  let run = await ask(`/v1/scenarios/${number}/runs`, { method: "POST" });
  while (run.status === "running") {
    await pause(200);
    run = await ask(`/v1/scenario-runs/${run.id}`);
  }
  if (run.status === "failed") throw new Error(run.detail);
  return run.report;
}

function showVerdict(element, text, good) {
  element.textContent = text;
  element.className = "verdict " + (good ? "pass" : "fail");
}

async function listScenarios(list) {
  const { items } = await ask("/v1/scenarios");
  list.replaceChildren();
  for (const story of items) {
    const line = make("li");
    const link = make("a", `${story.scenario}. ${story.name}`);
    link.href = `/scenario/${story.scenario}`;
    const name = make("span", undefined, "name");
    name.append(link);
    const verdict = make("span", "", "verdict");
    const button = make("button", "Run");
    button.onclick = async () => {
      button.disabled = true;
      verdict.className = "verdict";
      verdict.textContent = "…";
      try {
        const report = await run(story.scenario);
        showVerdict(verdict, `${report.verdict} in ${report.duration_ms} ms`, report.verdict === "pass");
      } catch (error) {
        showVerdict(verdict, error.message, false);
      }
      button.disabled = false;
    };
    line.append(name, verdict, button);
    list.append(line);
  }
}

async function playScenario(title) {
  const number = location.pathname.split("/").pop();
  title.textContent = `Scenario ${number}`;
  try {
    const report = await run(number);
    title.textContent = `Scenario ${number}: ${report.name}`;
    showVerdict(find("verdict"), `${report.verdict} in ${report.duration_ms} ms`, report.verdict === "pass");
    for (const one of report.expectations || []) {
      const line = make("li");
      line.append(make("span", one.ok ? "✓" : "✗", "at " + (one.ok ? "pass" : "fail")), make("span", one.text));
      find("expectation-list").append(line);
    }
    for (const one of report.steps || []) {
      const line = make("li");
      line.append(make("span", `${one.at_ms} ms`, "at"), make("span", [one.event, one.detail].filter(Boolean).join(": ")));
      find("step-list").append(line);
    }
  } catch (error) {
    showVerdict(find("verdict"), error.message, false);
  }
}

// All else waits until it is known who asks. A node that cannot say it now still has the rest of the page.
const me = await ask("/v1/me").catch(() => undefined);
if (me && currentToken()) showWho(me);
follow();
if (find("scenario-list"))
  listScenarios(find("scenario-list")).catch((error) => find("scenario-list").replaceChildren(make("li", error.message)));
if (find("scenario-title")) playScenario(find("scenario-title"));
