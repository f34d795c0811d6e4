// A shop in JavaScript, by @grpc/grpc-js: node_client.mjs <folder of npm's packages> <folder proto> <host:port> <product>
// Places an order twice under one key, follows it until it is completed, and prints what it saw as JSON.
import { createRequire } from "node:module";

const [packages, protos, address, product] = process.argv.slice(2);
const require = createRequire(`${packages}/package.json`);
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const definition = loader.loadSync("waybill/v1/order_service.proto", { includeDirs: [protos], keepCase: true, longs: Number, enums: String });
const { OrderService } = grpc.loadPackageDefinition(definition).waybill.v1;
const orders = new OrderService(address, grpc.credentials.createInsecure());
const call = (method, request) =>
  new Promise((done, failed) => orders[method](request, (error, answer) => (error ? failed(error) : done(answer))));

const order = {
  lines: [{ product_id: product, quantity: 2 }],
  payment: { method: "card", token: "tok_ok" },
  delivery: { name: "Ada", address: "1 Main Street" },
  idempotency_key: "from node",
};
const refused = await call("PlaceOrder", order).catch((error) => error);
order.idempotency_key = "from-node";
const placed = await call("PlaceOrder", order);
const again = await call("PlaceOrder", order);

const statuses = [];
const watch = orders.WatchOrder({ order_id: placed.order.id });
watch.on("error", (error) => statuses.push(error.code === grpc.status.CANCELLED ? "end" : error.message));
for await (const message of watch) {
  statuses.push(message.order.status);
  if (message.order.status === "ORDER_STATUS_COMPLETED") break;
}
watch.cancel();
orders.close();
console.log(JSON.stringify({ refused: refused.code, id: placed.order.id, total: placed.order.total, again, statuses }));
