import type { Schema } from "../../../api/client";
import { amountText } from "../../../words/money";

/// What was ordered.
export const Lines = ({ order }: { order: Schema["Order"] }) => (
  <div className="wide-table" tabIndex={0} role="region" aria-label="Lines">
    <table>
      <thead>
        <tr>
          <th>Product</th>
          <th>SKU</th>
          <th className="end">Quantity</th>
          <th className="end">Each</th>
          <th className="end">Total</th>
        </tr>
      </thead>
      <tbody>
        {order.lines.map((line) => (
          <tr key={line.product_id}>
            <td>{line.name}</td>
            <td>
              <code>{line.sku}</code>
            </td>
            <td className="end number">{line.quantity}</td>
            <td className="end number">{amountText(line.unit_price)}</td>
            <td className="end number">{amountText(line.total)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td colSpan={4}>Total</td>
          <td className="end number">{amountText(order.total)}</td>
        </tr>
      </tfoot>
    </table>
  </div>
);
