import { Button } from "../../ui/Button";
import { type CartLine, mostOfOne, setQuantity } from "./cart";

interface Properties {
  name: string;
  quantity: number;
  least?: number;
  set: (quantity: number) => void;
}

/// How many of something.
export const Quantity = ({ name, quantity, least = 0, set }: Properties) => (
  <span className="stepper" role="group" aria-label={`How many of ${name}`}>
    <Button aria-label={`One less of ${name}`} disabled={quantity <= least} onClick={() => set(quantity - 1)}>
      −
    </Button>
    <output>{quantity}</output>
    <Button aria-label={`One more of ${name}`} disabled={quantity >= mostOfOne} onClick={() => set(quantity + 1)}>
      +
    </Button>
  </span>
);

/// How many of a product are in the cart.
export const Stepper = ({ product, quantity }: CartLine) => (
  <Quantity name={product.name} quantity={quantity} set={(wanted) => setQuantity(product, wanted)} />
);
