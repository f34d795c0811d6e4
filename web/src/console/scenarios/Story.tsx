import { StoryView } from "../../stories/StoryView";
import { Link, useParams } from "../go";
import { useAddress } from "../kit/address";
import { Id } from "../kit/Id";

export function Story() {
  const { number = "" } = useParams<{ number: string }>();
  const [{ run = "" }, change] = useAddress();
  return (
    <StoryView
      key={number}
      number={number}
      run={run}
      onRun={(begun) => change({ run: begun })}
      back={<Link to="/scenarios">← Scenarios</Link>}
      orderLink={(order) => (
        <Link to={`/orders/${order}`}>
          <Id of={order} />
        </Link>
      )}
    />
  );
}
