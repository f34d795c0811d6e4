import { node } from "../../../api/node";
import type { Schema } from "../../../api/client";
import { useRights } from "../../../session/rights";
import { useSession } from "../../../session/use-session";
import { Copy } from "../../../ui/Copy";
import { actions, fitting } from "../../actions/actions";

const Text = ({ name, text }: { name: string; text: string }) => (
  <figure className="stack tight raw">
    <figcaption className="row between">
      <strong>{name}</strong>
      <Copy text={text} name={`Copy: ${name}`} />
    </figcaption>
    <pre tabIndex={0} aria-label={name}>
      {text}
    </pre>
  </figure>
);

/// The order as the API gives it.
export const Json = ({ order }: { order: Schema["Order"] }) => (
  <Text name="The order" text={JSON.stringify(order, null, 2)} />
);

/// What the page asks, for a terminal. The token is left out: `$T` holds it.
export function Curl({ order }: { order: Schema["Order"] }) {
  const who = useSession();
  const { mayChange } = useRights();
  const token = who.state === "signed_in" && !who.account ? "" : ` \\\n  -H "Authorization: Bearer $T"`;
  const url = `${node}/v1/orders/${order.id}`;
  const post = (path: string, body: object) =>
    `curl -s -X POST ${url}/${path}${token} \\\n  -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
  return (
    <div className="stack">
      {token && (
        <p className="soft small">
          <code>$T</code> is an access token, from <code>POST /v1/auth/login</code>, or a service key.
        </p>
      )}
      <Text name="The order" text={`curl -s ${url}${token}`} />
      <Text name="Its events" text={`curl -s ${url}/events${token}`} />
      {(mayChange ? fitting(order) : []).map((kind) => (
        <Text
          key={kind}
          name={actions[kind].name}
          text={post(kind === "refund" ? "refunds" : kind, {
            ...(kind === "resolve" && { outcome: "cancelled" }),
            reason: actions[kind].reason,
          })}
        />
      ))}
    </div>
  );
}
