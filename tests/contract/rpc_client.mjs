// Calls POST /rpc in JSON-RPC 2.0: rpc_client.mjs <url> <method> <orders as a JSON array> <token>
// All calls go out at once, each in a request of its own; then all of them again as one batch. Prints both lists of answers.
const [url, method, orders, token] = process.argv.slice(2);

const post = async (body, key) => {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  const answer = await fetch(`${url}/rpc`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`status ${answer.status}: ${await answer.text()}`);
  return answer.json();
};
const call = (order, id) => ({ jsonrpc: "2.0", method, params: { order_id: order, token }, id });

const ids = JSON.parse(orders);
const single = await Promise.all(ids.map((order, i) => post(call(order, i), "node")));
const batch = await post(ids.map(call), "node");
console.log(JSON.stringify({ single, batch }));
