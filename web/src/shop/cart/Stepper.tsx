import { Button } from "../../ui/Button";
import { type CartLine, mostOfOne, setQuantity } from "./cart";

/// How many of a product are in the cart.
export function Stepper({ product, quantity }: CartLine) {
  return (
    <span className="stepper" role="group" aria-label={`How many of ${product.name}`}>
      <Button aria-label={`One less of ${product.name}`} onClick={() => setQuantity(product, quantity - 1)}>−</Button>
      <output>{quantity}</output>
      <Button aria-label={`One more of ${product.name}`} disabled={quantity >= mostOfOne} onClick={() => setQuantity(product, quantity + 1)}>+</Button>
    </span>
  );
}
