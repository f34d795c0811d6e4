export const roles = ["customer", "courier", "observer", "operator", "admin"];
const meanings: Record<string, string> = {
  customer: "orders in the shop",
  courier: "takes deliveries",
  observer: "looks at all of this console and changes nothing",
  operator: "works in this console",
  admin: "also changes products, users, keys and webhooks",
};

/// Which roles somebody gets: one box each, named role.<name>.
export const Roles = ({ chosen }: { chosen: readonly string[] }) => (
  <fieldset className="choices">
    <legend className="legend">Roles</legend>
    {roles.map((role) => (
      <label key={role} className="choice">
        <input type="checkbox" name={`role.${role}`} defaultChecked={chosen.includes(role)} />
        <span>{role}</span>
        <span className="hint">{meanings[role]}</span>
      </label>
    ))}
  </fieldset>
);

export const chosenRoles = (values: Record<string, string>) =>
  roles.filter((role) => values[`role.${role}`] !== undefined);
