// Who uses the page. The access token is kept in memory only; the refresh token as long as the tab, so that its next page need
// not ask again.

import { find, make } from "/assets/dom.js";

const kept = "waybill.refresh_token";
/// Milliseconds before its end at which a token is traded for a new one, but not before half of its life.
const margin = 60_000;
const retryAfter = 5_000;

let token = "";
let renewAt = 0;
let timer;
let renewing;
let entering;
const watchers = [];

class Refusal extends Error {
  constructor(status, body) {
    super(body.detail || body.title);
    this.status = status;
  }
}

async function call(path, { headers, ...options } = {}) {
  const credentials = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch(path, { ...options, headers: { Accept: "application/json", ...credentials, ...headers } });
  const body = answer.status === 204 ? undefined : await answer.json();
  if (!answer.ok) throw new Refusal(answer.status, body);
  return body;
}

const post = (path, body) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

function renewIn(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(() => renew().catch(() => renewIn(retryAfter)), milliseconds);
}

function take(session) {
  token = session.access_token;
  sessionStorage.setItem(kept, session.refresh_token);
  const life = session.expires_in * 1000;
  renewAt = Date.now() + life - Math.min(margin, life / 2);
  renewIn(renewAt - Date.now());
  for (const tell of watchers) tell(token);
}

function forget() {
  token = "";
  sessionStorage.removeItem(kept);
  clearTimeout(timer);
}

async function trade(refreshToken) {
  try {
    take(await post("/v1/auth/refresh", { refresh_token: refreshToken }));
    return true;
  } catch (error) {
    if (![400, 401, 422].includes(error.status)) throw error;
    forget();
    return false;
  }
}

/// Trades the refresh token, once for all who ask meanwhile: it works once. False when there is none that holds.
function renew() {
  const refreshToken = sessionStorage.getItem(kept);
  if (!refreshToken) return Promise.resolve(false);
  renewing ??= trade(refreshToken).finally(() => { renewing = undefined; });
  return renewing;
}

// -- the form ---------------------------------------------------------------------------------------------------------

function field(id, text, type, autocomplete) {
  const label = make("label", text);
  label.htmlFor = id;
  const input = make("input");
  Object.assign(input, { id, type, autocomplete, required: true });
  input.setAttribute("aria-describedby", "sign-in-error");
  return [label, input];
}

function makeForm() {
  const form = make("form", undefined, "card sign-in");
  form.id = "sign-in";
  form.setAttribute("aria-labelledby", "sign-in-title");
  const title = make("h2", "Sign in");
  title.id = "sign-in-title";
  const error = make("p", "", "fail");
  error.id = "sign-in-error";
  error.setAttribute("role", "alert");
  const button = make("button", "Sign in");
  form.append(title, ...field("email", "E-mail address", "email", "username"),
              ...field("password", "Password", "password", "current-password"), error, button);
  return form;
}

/// Asks until somebody is signed in; what the page shows is hidden meanwhile.
function askForPassword() {
  const form = makeForm();
  const main = document.querySelector("main");
  document.body.classList.add("signed-out");
  main.prepend(form);
  form.elements.email.focus();
  return new Promise((resolve) => {
    let busy = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      find("sign-in-error").textContent = "";
      form.setAttribute("aria-busy", "true");
      try {
        take(await post("/v1/auth/login", { email: form.elements.email.value, password: form.elements.password.value }));
        form.remove();
        document.body.classList.remove("signed-out");
        resolve();
      } catch (error) {
        find("sign-in-error").textContent = error.message;
        form.elements.password.value = "";
        form.elements.password.focus();
      }
      form.removeAttribute("aria-busy");
      busy = false;
    });
  });
}

// -- for the page -----------------------------------------------------------------------------------------------------

/// Ends when there is a token that holds: of this session, or of whoever signs in now.
export async function signIn() {
  if (await renew()) return;
  forget();
  entering ??= askForPassword().finally(() => { entering = undefined; });
  await entering;
}

/// The JSON that the API answers. A node that wants to know who asks has it said first.
export async function ask(path, options) {
  // When it cannot be renewed now, it may still hold.
  if (token && Date.now() > renewAt) await renew().catch(() => {});
  try {
    return await call(path, options);
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  await signIn();
  return call(path, options);
}

/// `tell` is called with each new token.
export const onToken = (tell) => watchers.push(tell);

/// Empty where none is needed.
export const currentToken = () => token;

/// The session ends at the node as well; without the node, at least here.
export async function signOut() {
  const refreshToken = sessionStorage.getItem(kept);
  forget();
  if (refreshToken) await post("/v1/auth/logout", { refresh_token: refreshToken }).catch(() => {});
  location.reload();
}
