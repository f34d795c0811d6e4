import { Field } from "../../ui/Field";
import { Refused } from "../../ui/Refused";
import { testCards } from "./test-cards";
import { usePaymentMethods } from "./use-checkout";

const TestCards = () => (
  <fieldset className="choices">
    <legend className="legend">Test card</legend>
    <p className="hint">No money moves here: the payment provider is simulated. Choose what it shall do.</p>
    {testCards.map(({ token, name, hint }, index) => (
      <label key={token} className="choice">
        <input type="radio" name="token" value={token} defaultChecked={index === 0} />
        <span>{name}</span>
        <span className="hint">{hint}</span>
      </label>
    ))}
  </fieldset>
);

/// How it is paid: the simulated provider's cards by name, or the token that another provider gave for a card.
export function Payment() {
  const { data, error, refetch } = usePaymentMethods();
  if (error) return <Refused problem={error} retry={() => void refetch()} />;
  if (!data) return null;
  return data.items.some(({ provider }) => provider === "simulated") ? (
    <TestCards />
  ) : (
    <Field
      label="Card"
      name="token"
      required
      maxLength={200}
      hint="The token that the payment provider gave for your card."
    />
  );
}
