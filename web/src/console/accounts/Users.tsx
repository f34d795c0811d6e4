import "../kit/kit.css";

import { type FormEvent, useState } from "react";

import { api, get, type Schema } from "../../api/client";
import { useSession } from "../../session/use-session";
import { Guarded } from "../../session/Guarded";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";
import { Field } from "../../ui/Field";
import { Time } from "../../ui/Time";
import { useAddress } from "../kit/address";
import { Ask } from "../kit/Ask";
import { CardTable } from "../kit/GridTable";
import { ListStates } from "../kit/ListStates";
import { paged, usePages } from "../kit/pages";
import { Secret } from "../kit/Secret";
import { chosenRoles, Roles, roles } from "./Roles";

type User = Schema["ListedUser"];
type Open = { what: "add" } | { what: "roles" | "shut" | "reset"; user: User };

function UserList() {
  const [{ email = "", role = "" }, change] = useAddress();
  const [open, setOpen] = useState<Open>();
  const [code, setCode] = useState<string>();
  const who = useSession();
  const users = usePages(["users", email, role], (cursor) =>
    get(
      api.GET("/v1/users", { params: { query: { ...paged(cursor), ...(email && { email }), ...(role && { role }) } } }),
    ),
  );
  const close = () => {
    setOpen(undefined);
    void users.refetch();
  };
  const patch = (user: User, body: { roles?: string[]; disabled?: boolean }) =>
    get(api.PATCH("/v1/users/{id}", { params: { path: { id: user.id } }, body }));
  function search(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    change({ email: String(new FormData(event.currentTarget).get("email")).trim() }, { replace: false });
  }
  return (
    <div className="stack">
      <div className="page-head">
        <h1>Users</h1>
        <div className="tools">
          <form role="search" className="tools" onSubmit={search}>
            <label>
              E-mail address
              <input
                key={email}
                className="input"
                type="search"
                name="email"
                defaultValue={email}
                placeholder="the whole address"
              />
            </label>
            <Button type="submit">Find</Button>
          </form>
          <label>
            Role
            <select className="input" value={role} onChange={({ target }) => change({ role: target.value })}>
              <option value="">All</option>
              {roles.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <Button kind="main" onClick={() => setOpen({ what: "add" })}>
            Add a user
          </Button>
        </div>
      </div>
      <ListStates
        list={users}
        more="Show more users"
        empty={
          <Empty title={email || role ? "Nobody fits" : "No accounts yet"}>
            <p>
              {email ? "Addresses are compared as a whole." : "Who registers in the shop is here, and whom you add."}
            </p>
          </Empty>
        }>
        {(items) => (
          <CardTable columns={["Who", "Roles", "Account", "Since"]} hasActions>
            {items.map((user) => (
              <tr key={user.id}>
                <td>
                  {user.name}
                  <small>{user.email}</small>
                </td>
                <td>{user.roles.join(", ") || <span className="soft">none</span>}</td>
                <td>{user.disabled ? <Badge tone="refused">Shut</Badge> : <Badge tone="done">Open</Badge>}</td>
                <td data-name="since">
                  <Time at={user.created_at} />
                </td>
                <td className="end">
                  <Button
                    kind="tiny"
                    aria-label={`Roles of ${user.name}`}
                    onClick={() => setOpen({ what: "roles", user })}>
                    Roles
                  </Button>{" "}
                  <Button
                    kind="tiny"
                    aria-label={`New password for ${user.name}`}
                    onClick={() => setOpen({ what: "reset", user })}>
                    New password
                  </Button>{" "}
                  {!(who.state === "signed_in" && who.user.id === user.id) && (
                    <Button
                      kind="tiny"
                      aria-label={`${user.disabled ? "Open" : "Shut"} the account of ${user.name}`}
                      onClick={() => setOpen({ what: "shut", user })}>
                      {user.disabled ? "Open" : "Shut"}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </CardTable>
        )}
      </ListStates>
      {open?.what === "add" && (
        <Ask
          title="Add a user"
          action="Add them"
          onClose={close}
          run={({ email = "", name = "", password = "", ...rest }) =>
            get(
              api.POST("/v1/users", { body: { email, name, roles: chosenRoles(rest), ...(password && { password }) } }),
            )
          }>
          <Field
            label="E-mail address"
            name="email"
            type="email"
            required
            maxLength={254}
            autoFocus
            autoComplete="off"
          />
          <Field label="Name" name="name" required maxLength={200} autoComplete="off" />
          <Field
            label="Password"
            name="password"
            type="password"
            minLength={10}
            maxLength={128}
            autoComplete="new-password"
            hint="At least 10 characters. Empty: nobody can sign in until you make a code for a new password."
          />
          <Roles chosen={["customer"]} />
        </Ask>
      )}
      {open?.what === "roles" && (
        <Ask
          title={`Roles of ${open.user.name}`}
          action="Give these roles"
          onClose={close}
          run={(values) => patch(open.user, { roles: chosenRoles(values) })}>
          <Roles chosen={open.user.roles} />
        </Ask>
      )}
      {open?.what === "shut" && (
        <Ask
          title={
            open.user.disabled ? `Open the account of ${open.user.name}?` : `Shut the account of ${open.user.name}?`
          }
          danger={!open.user.disabled}
          action={open.user.disabled ? "Open it" : "Shut it"}
          onClose={close}
          run={() => patch(open.user, { disabled: !open.user.disabled })}>
          <p>
            {open.user.disabled
              ? "They can sign in again."
              : "Their sessions end, and they cannot sign in. What they ordered goes on. It can be opened again."}
          </p>
        </Ask>
      )}
      {open?.what === "reset" && (
        <Ask
          title={`A new password for ${open.user.name}?`}
          action="Make a code"
          onClose={close}
          run={async () => {
            const made = await get(
              api.POST("/v1/users/{id}/password-reset", { params: { path: { id: open.user.id } } }),
            );
            setCode(made.code);
          }}>
          <p>
            A code is made with which they set a new password. It takes the place of an earlier code; their present
            password holds until then.
          </p>
        </Ask>
      )}
      {code && (
        <Secret title="The code" secret={code} onClose={() => setCode(undefined)}>
          Hand it to the user. They press “Forgot your password?” where they sign in.
        </Secret>
      )}
    </div>
  );
}

export const Users = () => (
  <Guarded roles={["admin"]}>
    <UserList />
  </Guarded>
);
